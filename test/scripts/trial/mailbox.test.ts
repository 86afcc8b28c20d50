import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { openMailbox } from '../../../scripts/trial/mailbox.ts';

const mail = {
  messageId: '<work-1@orderworks>',
  from: { name: 'Bäckerei', address: 'hallo@agency.example' },
  to: 'ann@client.example',
  subject: 'Grüße',
  text: 'Please open https://a.example/onboarding/t0ken and (https://a.example/help).',
};

test('the mailbox keeps every mail, and counts those that came before', async () => {
  const mailbox = await openMailbox({ told: () => 'Monday' });
  onTestFinished(mailbox.stop);
  const transport = createTransport(mailbox.smtpUrl);
  onTestFinished(() => transport.close());

  await transport.sendMail(mail);
  await transport.sendMail({ ...mail, messageId: '<work-2@orderworks>' });
  expect(mailbox.duplicates()).toBe(0);
  await transport.sendMail(mail);

  expect(mailbox.duplicates()).toBe(1);
  expect(mailbox.mails).toHaveLength(3);
  expect(mailbox.mails[0]).toMatchObject({
    id: '<work-1@orderworks>',
    to: 'ann@client.example',
    subject: 'Grüße',
    when: 'Monday',
    links: ['https://a.example/onboarding/t0ken', 'https://a.example/help'],
  });
});
