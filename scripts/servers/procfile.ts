/** Reads a Procfile: one `name: command` a line. `release` is a step that runs before the others, not a process. */
export interface ProcfileEntry {
  name: string;
  command: string[];
}

export function parseProcfile(text: string): ProcfileEntry[] {
  return text
    .split('\n')
    .filter((line) => /^[A-Za-z0-9_-]+:/.test(line))
    .map((line) => {
      const [name = '', ...command] = line.split(/:?\s+/).filter((word) => word !== '');
      return { name, command };
    });
}
