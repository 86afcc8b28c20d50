/** The example orders: who resells, to whom, what, and where each order is meant to end. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { hashedId } from '../../kernel/ids.ts';

const row = z.object({
  agency: z.string(),
  account: z.string(),
  country: z.string(),
  time_zone: z.string(),
  product: z.string(),
  tier: z.string(),
  title: z.string(),
  contact_name: z.string(),
  contact_email: z.string(),
  ends: z.enum(['live', 'waiting', 'needs_revision', 'refused']),
});

export type ExampleOrder = z.infer<typeof row> & {
  /** Of the file, counted from 1 with its heading. */
  line: number;
  accountId: string;
};

const mailbox = z.object({ name: z.string(), email: z.string() });
const agency = z.object({
  _id: z.string(),
  name: z.string(),
  from: mailbox,
  replyTo: mailbox.optional(),
  colour: z.string().optional(),
  words: z.record(z.string(), z.string()).optional(),
});

export type ExampleAgency = z.infer<typeof agency>;

export async function readExamples(root: string): Promise<{ agencies: ExampleAgency[]; orders: ExampleOrder[] }> {
  const read = (name: string) => readFile(join(root, 'examples', name), 'utf8');
  const rows = z.array(row).parse(parse(await read('orders.csv'), { columns: true }));
  return {
    agencies: z.array(agency).parse(JSON.parse(await read('agencies.json'))),
    orders: rows.map((order, index) => ({
      ...order,
      line: index + 2,
      accountId: `acc_${hashedId(order.agency, order.account).slice(0, 16)}`,
    })),
  };
}
