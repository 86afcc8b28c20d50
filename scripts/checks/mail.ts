/** The mail server: reached, and the login taken. Nothing is sent. */
import { createMailer } from '../../mail/send.ts';
import { maskedAddress } from '../../runtime/masked-config.ts';
import { type Finding, fault, messageOf, ok } from './finding.ts';

const waitMs = 5_000;

export async function checkMail(url: string): Promise<Finding> {
  const mailer = createMailer({ url, timeouts: { connection: waitMs, greeting: waitMs, socket: waitMs } });
  try {
    await mailer.verify();
    return ok('mail', `${maskedAddress(url)} answers${new URL(url).username === '' ? '' : ' and takes the login'}`);
  } catch (error) {
    const { code } = error as { code?: string };
    const cure =
      code === 'EAUTH' ? 'Correct the user and password in SMTP_URL.' : 'Start the mail server, or correct SMTP_URL.';
    return fault('mail', `${maskedAddress(url)}: ${messageOf(error)}`, cure);
  } finally {
    mailer.close();
  }
}
