/**
 * Parses markup of strangers within a budget. The parser keeps the open elements in a list that each closing tag is
 * looked for in, so that its time is linear only while that list is short.
 */
import { type Handler, Parser, type ParserOptions } from 'htmlparser2';

/** Browsers nest no deeper either. */
const deepest = 512;
const mostElements = 400_000;

class OverBudget extends Error {}

/** Resolves to whether all of it was read; what was read until then has reached the handler. */
export function parseWithin(text: string, handler: Partial<Handler>, options: ParserOptions = {}): boolean {
  let depth = 0;
  let elements = 0;
  const parser = new Parser(
    {
      ...handler,
      onopentag(name, attributes, isImplied) {
        depth += 1;
        elements += 1;
        if (depth > deepest || elements > mostElements) throw new OverBudget();
        handler.onopentag?.(name, attributes, isImplied);
      },
      onclosetag(name, isImplied) {
        depth -= 1;
        handler.onclosetag?.(name, isImplied);
      },
    },
    options,
  );
  try {
    parser.end(text);
    return true;
  } catch (error) {
    if (error instanceof OverBudget) return false;
    throw error;
  }
}
