/** Whether the service knows an account, asked once for each; where it can't say, sending the order will. */
import type { Ask } from '../../client/ask.ts';
import { OrderworksProblem } from '../../client/index.ts';
import type { FieldError } from '../../kernel/errors.ts';

const most = 1_000;

export type AccountCheck = (account: string) => Promise<FieldError[] | undefined>;

export function accountCheck(ask: Ask): AccountCheck {
  const answers = new Map<string, FieldError[] | undefined>();
  return async (account) => {
    if (!answers.has(account) && answers.size < most) answers.set(account, await look(ask, account));
    return answers.get(account);
  };
}

async function look(ask: Ask, account: string): Promise<FieldError[] | undefined> {
  try {
    await ask(`/v1/admin/accounts/${encodeURIComponent(account)}`);
  } catch (error) {
    if (!(error instanceof OrderworksProblem)) throw error;
    if (error.status === 401 || error.retryable) throw error;
    if (error.code === 'account_not_found') return error.errors.length > 0 ? error.errors : [unknown];
  }
  return undefined;
}

const unknown: FieldError = {
  pointer: '/account',
  rule: 'unknown_account',
  message: 'Use the id of one of your accounts.',
};
