/** Small builders for rules that look across stages. */
import type { FieldError } from '../../kernel/errors.ts';

export const fault = (pointer: string, rule: string, message: string): FieldError => ({ pointer, rule, message });

/** Every index whose `keyOf` was there before. */
export function repeats<T>(values: readonly T[], keyOf: (value: T) => string): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const key = keyOf(value);
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}
