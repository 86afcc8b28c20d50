/**
 * Which account a line means: an id, or a name as people write it, which the service is asked for once. A name that two
 * accounts have is nobody's until the line says more: the agency, or the id.
 */
import type { AccountView } from '../../api/schemas/account.ts';
import type { Ask } from '../../client/ask.ts';
import { OrderworksProblem } from '../../client/index.ts';
import type { FieldError } from '../../kernel/errors.ts';
import { fold } from '../../kernel/fold.ts';

const most = 1_000;
const idPattern = /^[A-Za-z0-9_.-]{1,120}$/;

type Found = { id: string; errors?: undefined } | { id?: undefined; errors: FieldError[] };
export type FindAccount = (account: string, agency?: string) => Promise<Found>;

export function accountFinder(ask: Ask): FindAccount {
  const answers = new Map<string, Found>();
  return async (account, agency) => {
    const key = JSON.stringify([account, agency]);
    const known = answers.get(key);
    if (known) return known;
    const found = (await byId(ask, account)) ?? (await byName(ask, account, agency));
    if (answers.size < most) answers.set(key, found);
    return found;
  };
}

async function byId(ask: Ask, account: string): Promise<Found | undefined> {
  if (!idPattern.test(account)) return undefined;
  try {
    await ask(`/v1/admin/accounts/${encodeURIComponent(account)}`);
  } catch (error) {
    if (!(error instanceof OrderworksProblem)) throw error;
    if (error.status === 401 || error.retryable) throw error;
    if (error.code === 'account_not_found') return undefined;
  }
  return { id: account };
}

async function byName(ask: Ask, name: string, agency: string | undefined): Promise<Found> {
  const same = (await named(ask, name)).filter((one) => agency === undefined || one.agency === agency);
  const [first, ...others] = same;
  if (!first) return { errors: [unknown] };
  if (others.length === 0) return { id: first.id };
  const candidates = same.map((one) => `${one.id} (${one.agency})`).join(', ');
  const message = `${same.length} accounts are called "${name}": ${candidates}. Use the id of one.`;
  return { errors: [{ pointer: '/account', rule: 'ambiguous_account', message }] };
}

/** Those of this name, however it is spelled: case, accents and apostrophes aside. */
async function named(ask: Ask, name: string): Promise<AccountView[]> {
  const found: AccountView[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const query = new URLSearchParams({ q: name, limit: '200', ...(cursor && { cursor }) });
    const { body } = await ask<Listed>(`/v1/admin/accounts?${query}`).catch(noneIfForbidden);
    found.push(...body.data.filter((one) => fold(one.name.trim()) === fold(name)));
    cursor = body.page.nextCursor;
  }
  return found;
}

interface Listed {
  data: AccountView[];
  page: { nextCursor?: string };
}

function noneIfForbidden(error: unknown): { body: Listed } {
  if (error instanceof OrderworksProblem && (error.status === 403 || error.status === 400)) {
    return { body: { data: [], page: {} } };
  }
  throw error;
}

const unknown: FieldError = {
  pointer: '/account',
  rule: 'unknown_account',
  message: 'Use the id or the name of one of your accounts.',
};
