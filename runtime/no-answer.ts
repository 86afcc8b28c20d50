/** Why the outside gave no answer. */

/** `sent` is false only when the other side cannot have seen the call. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** The other side could not show who it is: its certificate is out of date, for another name, or signed by nobody. */
export class BadCertificate extends NoAnswer {
  constructor(code: string) {
    super(`The certificate is not valid (${code}).`, false);
  }
}

/** The address itself is not allowed; nothing was looked up or sent. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

const badCertificate = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

/** What an error of a connection says of the other side. */
export function meaningOf(error: NodeJS.ErrnoException, wasSent: boolean): Error {
  if (error instanceof AddressRefused || error instanceof NoAnswer) return error;
  return badCertificate.test(error.code ?? '')
    ? new BadCertificate(error.code ?? '')
    : new NoAnswer(error.message, wasSent);
}
