/**
 * Accounts: an agency's clients, with the zone and country that their deadlines and holidays are reckoned in, and what
 * their orders go by: facts, accesses, the subscription. An aggregate: every change is a line of its history. What is
 * told of the profile there is which fields changed, never what they say.
 */
import type { Connection } from 'mongoose';
import { type Actor, type Cause, system } from '../kernel/actor.ts';
import { LostRace } from '../kernel/errors.ts';
import { searchWords } from '../kernel/fold.ts';
import type { HistoryEntry } from '../kernel/history.ts';
import { hashOf, newId } from '../kernel/ids.ts';
import { systemClock } from '../kernel/time.ts';
import type { EffectDraft } from '../kernel/work.ts';
import { type AccountState, newAccount } from '../workflows/accounts/state.ts';
import type { Mailbox } from './agency.ts';
import type { Change, Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { aggregateSchema, stream } from './stream.ts';

export interface Profile {
  agency: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166 alpha-2. */
  country: string;
  /** The second part of its ISO 3166-2 code, such as BY: where holidays of a country differ. */
  region?: string;
  /** BCP 47: how its people write numbers; as in its country, unless it says so. */
  locale?: string;
  contact: Mailbox;
}

export interface Account extends Envelope, Profile, AccountState {
  /** Who the contact was before; the newest last. Orders that still have one of them follow. */
  formerContacts?: Mailbox[];
  /** What its orders are found by: the folded words of its name and contact. */
  search?: string[];
}

/** Who writes a profile, and how; a program of ours, unless somebody is named. */
export interface Writer {
  actor: Actor;
  cause: Cause;
  at: Date;
}

const schema = aggregateSchema('accounts');
schema.index({ agency: 1, _id: 1 });
schema.index({ agency: 1, search: 1 });

const tries = 5;

export type AccountStore = ReturnType<typeof accountStore>;

export function accountStore(parts: { connection: Connection; audit: AuditStore }) {
  const accounts = stream<Account>(parts, 'account', schema);

  /** What is so already is left alone. Without a document it is made, if all that an account needs is there. */
  async function writeOnce({ _id, ...profile }: Partial<Profile> & { _id: string }, writer: Writer): Promise<void> {
    const read = await accounts.get(_id);
    if (!read) {
      const change = changeOf('make-account', profile, writer);
      await accounts.create(_id, { ...change, set: { ...profile, ...newAccount(), search: wordsOf(profile) } });
      return;
    }
    const isNew = ([field, value]: [string, unknown]) =>
      value !== undefined && hashOf(value) !== hashOf(read[field as keyof Profile]);
    const changed = Object.fromEntries(Object.entries(profile).filter(isNew));
    if (Object.keys(changed).length === 0) return;
    const isMoved = 'contact' in changed;
    const spreads = [
      ...(isMoved ? ['contact'] : []),
      ...(placeFields.some((field) => field in changed) ? ['place'] : []),
    ];
    await accounts.commit(read, {
      ...changeOf('change-account', changed, writer),
      effects: spreads.map((what) => toOrders(read, what)),
      set: { ...changed, ...(isMoved && formerly(read)), search: wordsOf({ ...read, ...changed }) },
    });
  }

  async function write(account: Partial<Profile> & { _id: string }, writer: Writer): Promise<void> {
    for (let round = 1; ; round += 1) {
      try {
        return await writeOnce(account, writer);
      } catch (error) {
        if (!(error instanceof LostRace) || round === tries) throw error;
      }
    }
  }

  return {
    ...accounts,

    /** Makes an account, or changes the profile of the one that is there. */
    put: (account: Profile & { _id: string }, writer = byProgram()): Promise<void> => write(account, writer),

    /** Changes the fields given of the account that was read, and no other. */
    change: ({ _id }: Account, fields: Partial<Profile>, writer = byProgram()): Promise<void> =>
      write({ ...fields, _id }, writer),
  };
}

function wordsOf({ name = '', contact }: Partial<Profile>): string[] {
  return [...new Set([name, contact?.name ?? '', contact?.email ?? ''].flatMap(searchWords))];
}

const formerContactsKept = 20;

const formerly = ({ formerContacts = [], contact }: Account): Pick<Account, 'formerContacts'> => ({
  formerContacts: [...formerContacts, contact].slice(-formerContactsKept),
});

const placeFields = ['timeZone', 'country', 'region'];

/** The open orders are told whom to ask, or when to work, from now on (queues/setup.ts). */
const toOrders = ({ _id: account, agency }: Account, what: string): EffectDraft => ({
  ...{ queue: 'setup', kind: `spread-${what}`, schema: 2, payload: { account } },
  ...{ actor: system, cause: 'worker', agency, account },
});

const byProgram = (): Writer => ({ actor: system, cause: 'worker', at: systemClock.now() });

function changeOf(action: string, written: object, { actor, cause, at }: Writer): Change {
  const event = { type: 'profile-written', fields: Object.keys(written), hash: hashOf(written) };
  const entry: HistoryEntry = { at, work: newId(), actor, cause, action, outcome: 'done', events: [event] };
  return { entry, effects: [], dueAt: at };
}
