/** Whoever reads a stream's chain finds every way in which it can be wrong, and names the first line that is. */
import { describe, expect, test } from 'vitest';
import { chain, genesis, type HistoryLine } from '../../kernel/history.ts';
import { type Anchor, chainReader, type KeptLine, type Remembered } from '../../kernel/verify-chain.ts';

const entry = (action: string) => ({
  ...{ at: new Date('2026-03-01T10:00:00Z'), work: 'w1', actor: { type: 'system', id: 'orderworks' } as const },
  ...{ cause: 'api' as const, action, outcome: 'done' as const, events: [] },
});

/** A stream of `length` lines; `word` makes another history of the same length. */
function linesOf(length: number, word = 'act'): HistoryLine[] {
  const lines: HistoryLine[] = [];
  for (let seq = 1; seq <= length; seq += 1)
    lines.push(chain(entry(`${word}-${seq}`), seq, lines.at(-1)?.hash ?? genesis));
  return lines;
}

const four = linesOf(4);
const other = linesOf(4, 'other');
const kept = (line: HistoryLine): KeptLine => ({ ...line, _id: `s:${line.seq}`, stream: 's' });
const anchorAt = (line: HistoryLine): Anchor => ({ stream: 's', seq: line.seq, hash: line.hash });

/** What a reader finds in these lines, as `kind line`. */
function found(lines: readonly KeptLine[], { anchor, remembered }: { anchor?: Anchor; remembered?: Remembered } = {}) {
  const reader = chainReader('s', anchor);
  for (const line of lines) reader.take(line);
  const fault = reader.end(remembered);
  return fault && `${fault.kind} ${fault.line}: ${fault.message}`;
}

const whole = four.map(kept);
const document = (fields: Partial<Remembered> = {}): Remembered => ({
  ...{ version: 4, head: four[3]!.hash, exported: 4, history: [] },
  ...fields,
});

describe('a chain', () => {
  test('that nobody touched has no fault, with or without its document and an anchor', () => {
    expect(found(whole)).toBeUndefined();
    expect(found([])).toBeUndefined();
    expect(found(whole, { remembered: document(), anchor: anchorAt(four[1]!) })).toBeUndefined();
    expect(found(whole, { anchor: anchorAt(four[3]!) })).toBeUndefined();
  });

  test('is whole where its last lines are in the document alone', () => {
    const remembered = document({ exported: 2, history: four.slice(1) });
    expect(found(whole.slice(0, 2), { remembered })).toBeUndefined();
    expect(found(whole.slice(0, 3), { remembered })).toBeUndefined();
  });

  test('gives an anchor of where it ends', () => {
    const reader = chainReader('s');
    expect(reader.anchor()).toEqual({ stream: 's', seq: 0, hash: genesis });
    for (const line of whole) reader.take(line);
    expect(reader.anchor()).toEqual(anchorAt(four[3]!));
  });

  test('lacks a line', () => {
    expect(found([whole[0]!, whole[2]!, whole[3]!])).toBe('deleted s:2: The line is missing; 3 follows.');
    expect(found(whole.slice(1))).toBe('deleted s:1: The line is missing; 2 follows.');
  });

  test('has a line too many', () => {
    expect(found([whole[0]!, whole[1]!, whole[1]!])).toBe('inserted s:2: No line belongs between 2 and 3.');
  });

  test('has a line under another id', () => {
    expect(found([whole[0]!, { ...whole[1]!, _id: 's:7' }])).toBe('displaced s:2: The line is kept under s:7.');
  });

  test('has a line that was edited', () => {
    const edited = { ...whole[1]!, action: 'something else' };
    expect(found([whole[0]!, edited])).toBe('edited s:2: The hash does not cover what the line says.');
  });

  test('has a line of another history', () => {
    const message = 'unlinked s:2: The line does not follow from the one before it.';
    expect(found([whole[0]!, kept(other[1]!)])).toBe(message);
    expect(found([{ ...whole[0]!, ...chain(entry('act-1'), 1, four[0]!.hash) }])).toMatch(/^unlinked s:1/);
  });

  test('was written anew from the start, which an anchor remembers', () => {
    const anchor = anchorAt(four[1]!);
    expect(found(other.map(kept), { anchor })).toMatch(/^replaced s:2: The anchor remembers another line here/);
    expect(found(other.map(kept))).toBeUndefined();
  });

  test('names its first fault only', () => {
    expect(found([whole[0]!, whole[2]!, { ...whole[3]!, action: 'x' }])).toMatch(/^deleted s:2/);
  });

  test('ends before what an anchor remembers', () => {
    const anchor = anchorAt(four[3]!);
    expect(found(whole.slice(0, 2), { anchor })).toBe('truncated s:3: The anchor remembers lines up to 4.');
  });

  test('ends before what its document has exported, or is at', () => {
    const short = whole.slice(0, 2);
    expect(found(short, { remembered: document() })).toBe('truncated s:3: Lines up to 4 were exported.');
    expect(found(short, { remembered: document({ exported: 2 }) })).toBe('truncated s:3: The document is at line 4.');
  });

  test('goes on beyond its document', () => {
    const remembered = document({ version: 3, head: four[2]!.hash, exported: 3 });
    expect(found(whole, { remembered })).toBe('inserted s:4: The document ends at line 3.');
  });

  test('ends in another line than its document', () => {
    const remembered = document({ head: other[3]!.hash });
    expect(found(whole, { remembered })).toBe("replaced s:4: The line is not the document's head.");
  });

  test('goes wrong among the lines of its document', () => {
    const remembered = document({ exported: 2, history: [four[2]!, other[3]!] });
    expect(found(whole.slice(0, 2), { remembered })).toMatch(/^unlinked s:4/);
  });
});
