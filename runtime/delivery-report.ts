/**
 * Reads a delivery status notification (RFC 3464): what a mail server reports of a mail that it took before. It comes from
 * outside: its length is limited by whoever takes it in, its parts and ids here.
 */

import { isUtf8 } from 'node:buffer';
import { simpleParser } from 'mailparser';
import { clip } from '../kernel/clip.ts';
import { settleWithin } from '../kernel/deadline.ts';
import { seconds } from '../kernel/time.ts';

export interface DeliveryReport {
  /** Message-IDs in it, with their angle brackets: that of the mail it is about is among them. */
  messageIds: string[];
  /** `other`: delayed, or passed on to somebody who reports nothing. */
  action: 'failed' | 'delivered' | 'other';
  /** The server's own words, in one line. */
  said: string;
}

const mostIds = 20;
const longestWords = 500;
const patience = seconds(5);

/** Resolves to undefined for a message that is no such report. */
export async function readDeliveryReport(raw: Buffer): Promise<DeliveryReport | undefined> {
  const quick = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };
  const read = () => simpleParser(raw, { ...quick, keepDeliveryStatus: true });
  const mail = await settleWithin(patience, read).catch(() => undefined);
  const status = mail?.attachments.find(({ contentType }) => contentType === 'message/delivery-status');
  if (!status) return undefined;
  const fields = fieldsOf(textOf(status.content));
  const action = fields.get('action')?.toLowerCase() ?? '';
  return {
    messageIds: idsIn(textOf(raw)),
    action: action === 'failed' || action === 'delivered' ? action : 'other',
    said: wordsOf(fields),
  };
}

/** Some servers still write in the encodings of their countries; what we look for in it is ASCII. */
const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');

/** One recipient for each mail of ours, so the last word on each field counts. Folded lines are one. */
function fieldsOf(text: string): Map<string, string> {
  const lines = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
    }),
  );
}

function wordsOf(fields: Map<string, string>): string {
  const diagnostic = fields.get('diagnostic-code')?.replace(/^smtp;\s*/i, '');
  const words = diagnostic || fields.get('status') || 'The mail server gave no reason.';
  return clip(words, longestWords);
}

/** The mail that came back may be whole, its headers alone, or named by the report's own headers. */
function idsIn(text: string): string[] {
  const found = text.matchAll(
    /^(?:Message-ID|In-Reply-To|References|Original-Message-ID):\s{0,10}(<[^<>\s]{3,320}>)/gim,
  );
  return [...new Set([...found].slice(0, mostIds * 5).flatMap(([, id]) => id ?? []))].slice(0, mostIds);
}
