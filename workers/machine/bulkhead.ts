/**
 * Shares of a worker's places: what one account, one agency or one host keeps waiting for leaves room for the others. A
 * job that finds its share used up gives its place back and comes again; that costs it no attempt.
 */
import { NotYet } from '../../kernel/errors.ts';
import { seconds } from '../../kernel/time.ts';

export interface Shares {
  account: number;
  agency: number;
  host: number;
}

export interface Claim {
  account: string;
  agency: string;
  hosts: Iterable<string>;
  /** What stands for the process whose places are shared, such as its nudger: a dead process holds no place. */
  process?: object;
}

/** Shorter than a lease; spread, so that those who wait do not all come back at once. */
const comeBack = { after: seconds(2), within: seconds(3) };

export function bulkhead(most: Shares) {
  const ofProcess = new WeakMap<object, Map<string, number>>();
  const usual = {};

  /** Runs `act` inside the shares of all that it is for; throws NotYet when one of them is used up. */
  return async <T>({ account, agency, hosts, process = usual }: Claim, act: () => Promise<T>): Promise<T> => {
    const taken = ofProcess.get(process) ?? new Map<string, number>();
    ofProcess.set(process, taken);
    const wanted = [
      [`account ${account}`, most.account],
      [`agency ${agency}`, most.agency],
      ...[...new Set(hosts)].map((host) => [`host ${host}`, most.host]),
    ] as [string, number][];
    const full = wanted.find(([name, share]) => (taken.get(name) ?? 0) >= share);
    if (full) throw new NotYet(`The ${full[0]} has ${full[1]} under way.`, delay());
    for (const [name] of wanted) taken.set(name, (taken.get(name) ?? 0) + 1);
    try {
      return await act();
    } finally {
      for (const [name] of wanted) leave(name, taken);
    }
  };
}

function leave(name: string, taken: Map<string, number>): void {
  const left = (taken.get(name) ?? 0) - 1;
  if (left > 0) taken.set(name, left);
  else taken.delete(name);
}

const delay = (): number => comeBack.after + Math.floor(Math.random() * comeBack.within);
