/**
 * Whose documents a caller may see, as part of a query: a foreign document is never read and then judged, it is not
 * found. Without an agency the caller is of the house itself; without accounts, of the whole agency.
 */
export interface Scope {
  agency?: string;
  accounts?: string[];
}

interface ScopeFilter {
  agency?: string;
  account?: { $in: string[] };
}

/** The scope as a filter over documents that carry `agency` and `account`. A field it lacks is no key, and overwrites none. */
export function within({ agency, accounts }: Scope): ScopeFilter {
  return {
    ...(agency !== undefined && { agency }),
    ...(accounts !== undefined && { account: { $in: accounts } }),
  };
}
