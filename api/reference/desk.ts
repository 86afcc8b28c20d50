/**
 * The ids of the demo's desk: a few orders in the midst of their setup, which the examples of the reference are about.
 * They derive from the key that creates them and from their names, so they are the same in every demo.
 */
import { hashedId, hashOf, orderIdOf, workIdOf } from '../../kernel/ids.ts';

/** The id of the demo's order admin key. */
export const deskKey = 'demodesk0001';

/** The Idempotency-Key that an order of the desk is created under. */
export const wordFor = (name: DeskName): string => `desk-order-${name}`;

export const deskJob = (name: DeskName): string => workIdOf(deskKey, wordFor(name));

export const deskOrder = (name: DeskName): string => orderIdOf(deskJob(name));

/** What each order of the desk is left in; each is there for the examples that its name says. */
export const deskNames = [
  ...([
    'form',
    'pause',
    'clear',
    'undo',
    'stage',
    'answers',
    'page',
    'approval',

    'expired-approval',
  ] as const),
  ...([
    'refused-mail',
    'refused-end',
    'bulk-start',
    'bulk-undo',
    'bulk-pause',
    'bulk-resume',
    'bulk-cancel',
    'bulk-retry',
  ] as const),
];
export type DeskName = (typeof deskNames)[number];

/** The id of the bulk operation on the desk's order of that name. */
export const deskOperation = (name: DeskName): string =>
  `blk_${hashOf(['bulk', workIdOf(deskKey, wordForPlan(name))]).slice(0, 24)}`;

export const wordForPlan = (name: DeskName): string => `desk-plan-${name}`;

const accountOf = (agency: string, account: string): string => `acc_${hashedId(agency, account).slice(0, 16)}`;

export const deskAccounts = {
  /** Has no orders but the desk's, so that nothing that is known of it changes them. */
  brightside: accountOf('brightside', 'Riverside Dental Studio'),
  riverside: accountOf('brightside', 'Riverside Dental'),
  nordlicht: accountOf('nordlicht', 'Zahnärzte am Gänsemarkt'),
  sakura: accountOf('sakura', 'Kiwi Campervans'),
  /** Has no orders, so that whatever is done to it stops none. */
  quiet: accountOf('brightside', 'Copper Kettle Diner'),
};

/** Work that failed for good, to be tried again or given up. */
export const deskDeadLetters = { replay: 'desk-dead-1', discard: 'desk-dead-2', edit: 'desk-dead-3' };
