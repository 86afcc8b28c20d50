/** The pages that clients' links lead to, and the doors for messages that machines sign. */
import { deskValues } from './desk-values.ts';
import type { Operations } from './operation.ts';

const page = (is: string) => ({ is, type: 'text/html' }) as const;
const json = (is: string) => ({ is, type: 'application/json' }) as const;

const { form, approval, expiredApproval } = deskValues.tokens;

export const pageOperations: Operations = {
  'POST /v1/callbacks/{vendor}': {
    description:
      'Takes what a vendor has to say about a stage. Sign it as a [Standard Webhook](https://www.standardwebhooks.com/) with the secret of the vendor; at most 64 KB. The example is only taken signed, so it cannot be sent from this page.',
    answer: 'The job that takes it in.',
    example: {
      path: { vendor: 'northbridge' },
      body: { type: 'stage.completed', data: { dispatch: 'dsp_of_the_vendor', status: 'progressed' } },
      as: 'nobody',
      signed: true,
    },
  },
  'POST /v1/mail-events/{agency}': {
    description:
      'Takes a delivery status notification (RFC 3464) of an email as a raw `message/rfc822` in any encoding, at most 256 KB. Sign its bytes as a [Standard Webhook](https://www.standardwebhooks.com/) with one of the mail secrets of the agency. The example is only taken signed, so it cannot be sent from this page.',
    answer: 'The job that takes it in, or why the report changes nothing.',
    example: {
      path: { agency: 'brightside' },
      body: [
        'From: mailer-daemon@example.com',
        'To: bounces@brightside.example',
        'Subject: Undelivered Mail Returned to Sender',
        'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        '',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.example.com',
        '',
        'Final-Recipient: rfc822; ann@example.com',
        'Action: failed',
        'Status: 5.1.1',
        '',
        '--b',
        'Content-Type: message/rfc822-headers',
        '',
        'Message-ID: <id-of-the-email@brightside.example>',
        '',
        '--b--',
        '',
      ].join('\r\n'),
      as: 'nobody',
      signed: true,
    },
  },
  'GET /onboarding/{token}': {
    description: 'The form that a client’s link leads to, as a page. Opening it changes nothing.',
    answer: 'The page.',
    answers: { '200': page('The page.') },
    example: { path: { token: form }, as: 'nobody' },
  },
  'POST /onboarding/{token}': {
    description:
      'Sends in a form, from the page or as JSON. A browser gets a page: “Thank you”, or the form again with what to change.',
    answer: 'The answers have been received.',
    answers: {
      '200': page('For a browser: the page that says so.'),
      '202': json('The answers have been received.'),
    },
    example: {
      path: { token: form },
      body: {
        kind: 'blog',
        quantity: 1,
        keywords: ['healthy teeth'],
        audience: 'Families in Chicago',
        tone: 'Calm',
        cms_url: 'https://example.com/wp-admin',
        approver: { name: 'Ann Baker', email: 'ann@riverside-dental.example' },
      },
      as: 'nobody',
    },
  },
  'GET /approve/{token}': {
    description: 'What a client is asked to approve, as a page. Opening it changes nothing; mail scanners do.',
    answer: 'The page.',
    answers: { '200': page('The page.') },
    example: { path: { token: approval }, as: 'nobody' },
  },
  'POST /approve/{token}': {
    description:
      'Approves, asks for changes, or hands the decision on to somebody else, from the page or as JSON. Deciding twice changes nothing.',
    answer: 'The decision that stands.',
    answers: { '200': page('For a browser: the page that says so.'), '202': json('The decision that stands.') },
    example: {
      path: { token: approval },
      body: { decision: 'changes', comment: 'Please write about the new practice first.' },
      as: 'nobody',
    },
  },
  'POST /approve/{token}/renew': {
    description: 'Asks for a new link after an approval has expired. It goes to the address that the old one went to.',
    answer: 'A new link is on its way.',
    answers: { '202': json('A new link is on its way; a browser gets a page that says so.') },
    example: { path: { token: expiredApproval }, as: 'nobody' },
  },
};
