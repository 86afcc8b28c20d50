/** How a product file says what a stage is left with: the fields, and an example that passes, for people and tests. */
import { z } from 'zod';
import type { FieldError } from '../../kernel/errors.ts';
import type { Data, Rule } from '../graph/stage.ts';
import type { Stage } from '../graph/workflow.ts';
import { holds } from '../validators/text.ts';
import { dataOf, type OrderState } from '../words/state.ts';

export function leaves<Shape extends z.ZodRawShape>(shape: Shape, example: z.input<z.ZodObject<Shape>>) {
  return z.strictObject(shape).meta({ examples: [example] }) as z.ZodObject<Shape, z.core.$strict>;
}

/** Data that the stage can be left with; empty where the stage asks for none. */
export function exampleOf({ exit }: Stage): Data {
  return (exit?.meta()?.['examples'] as Data[] | undefined)?.[0] ?? {};
}

export const tiers = ['basic', 'standard', 'premium'] as const;

export const noOptions = z.strictObject({});

/** A rule over what `schema` has parsed; it may look at what earlier stages were left with, by `found`. */
export function rule<Schema extends z.ZodType<Data>>(
  _schema: Schema,
  says: (data: z.output<Schema>, state: OrderState) => FieldError[],
): Rule {
  return ({ data, state }) => says(data as z.output<Schema>, state);
}

/**
 * What a finished stage was left with; undefined when it was skipped, is not done, or was completed by an override
 * with something else than the stage asks for. Rules then have nothing to compare with and hold.
 */
export function found<Schema extends z.ZodType<Data>>(schema: Schema, state: OrderState, key: string) {
  return schema.safeParse(dataOf(state, key)).data;
}

/** The fields of a checklist, each of which must be true; the words say when it is. */
export function allHold<Name extends string>(list: Record<Name, string>) {
  return Object.fromEntries(Object.entries<string>(list).map(([name, what]) => [name, holds(what)])) as Record<
    Name,
    z.ZodLiteral<true>
  >;
}

export function allTrue<Name extends string>(list: Record<Name, string>) {
  return Object.fromEntries(Object.keys(list).map((name) => [name, true])) as Record<Name, true>;
}
