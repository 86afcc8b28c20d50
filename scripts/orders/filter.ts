/**
 * The filter of the order list as flags, made from the API's own schema: the same names with `-` for `_`, the same rules,
 * and the same words where a value does not pass.
 */
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { filterQuery } from '../../api/schemas/order-query.ts';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';
import { Failure } from '../command-line/exit.ts';

const fields = Object.entries(filterQuery.shape) as [string, z.ZodType][];
const dashed = (name: string): string => name.replaceAll('_', '-');
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export function withFilter(command: Command): Command {
  for (const [name, schema] of fields) command.addOption(new Option(`--${dashed(name)} <value>`, wordsFor(schema)));
  return command;
}

/** The query as the API takes it, from what was given. */
export function filterFrom(options: Record<string, unknown>): Record<string, string> {
  const given = fields.flatMap(([name]) => {
    const value = options[camel(name)];
    return value === undefined ? [] : [[name, String(value)]];
  });
  const query = Object.fromEntries(given) as Record<string, string>;
  const { error } = filterQuery.safeParse(query, inOurWords);
  if (!error) return query;
  const faults = fieldErrors(error).map(({ pointer, message }) => `--${dashed(pointer.slice(1))}: ${message}`);
  throw new Failure('usage', faults.join('\n'));
}

function wordsFor(schema: z.ZodType): string {
  const inner = 'unwrap' in schema ? (schema as z.ZodOptional<z.ZodEnum>).unwrap() : schema;
  const choices = 'options' in inner && Array.isArray(inner.options) ? inner.options.filter(isText) : [];
  const said = schema.description ?? inner.description ?? '';
  return choices.length > 0 ? `${said} One of ${choices.join(', ')}.`.trim() : said;
}

const isText = (value: unknown): value is string => typeof value === 'string';
