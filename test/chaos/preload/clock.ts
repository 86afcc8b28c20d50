/** Puts the process's clock wrong by CHAOS_SKEW ms: from its start, or with CHAOS_SKEW_LATER from the first SIGUSR2 on. */
const skew = Number(process.env['CHAOS_SKEW'] ?? 0);
let isWrong = process.env['CHAOS_SKEW_LATER'] === undefined;
process.on('SIGUSR2', () => {
  isWrong = true;
});
const Right = Date;

const wrong = () => Right.now() + (isWrong ? skew : 0);

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
