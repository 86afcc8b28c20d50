/** Puts the process's clock wrong: by CHAOS_SKEW ms, from CHAOS_SKEW_AFTER ms after its start. */
const skew = Number(process.env['CHAOS_SKEW'] ?? 0);
const from = Number(process.env['CHAOS_SKEW_AFTER'] ?? 0);
const Right = Date;

const wrong = () => Right.now() + (performance.now() >= from ? skew : 0);

class WrongDate extends Right {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(wrong());
    else super(...(args as [number]));
  }
  static override now(): number {
    return wrong();
  }
}

globalThis.Date = WrongDate as DateConstructor;
