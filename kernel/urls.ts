/**
 * URLs from text. `URL.canParse` answers false for some good addresses, such as `https://bücher.de/`, once the engine
 * has optimised it (Node 20 and 22), so nothing here or elsewhere asks it; a door keeps it out.
 */

/** The URL that the text says, by itself or against `base`; undefined when it says none. */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
