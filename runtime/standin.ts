/**
 * A stand-in for the internet, in trials and tests where the sites of the clients do not exist: requests for public hosts
 * go to one server of this machine, by plain http, and the names that are asked for go there as well. The rules of the
 * guard are asked before; what they refuse is refused with a stand-in, too. `scripts/simulators/sites.ts` is that server.
 */

/** Its origin, such as `http://127.0.0.1:4998`. */
export type Standin = string;

/** Says which scheme was asked for. */
export const schemeHeader = 'x-standin-scheme';
/** The path under which it tells of names; `?name=` and `?type=` say of which. */
export const namesPath = '/.standin/names';

/** Where the stand-in plays `url`, and the headers that tell it whom to play. */
export function pretended(url: URL, standin: Standin): { url: URL; headers: Record<string, string> } {
  const scheme = url.protocol.replace(':', '');
  return { url: new URL(url.pathname + url.search, standin), headers: { host: url.host, [schemeHeader]: scheme } };
}
