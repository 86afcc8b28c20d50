/**
 * What a letter is made of: what the worker knows (LetterData), and what a template makes of it (Body). Templates write
 * sentences only; markup, escaping and the agency's looks are added once, in markup.ts, so none of them can forget to.
 */
export interface Brand {
  name: string;
  logoUrl?: string;
  colour?: string;
  words?: Record<string, string>;
}

export interface LetterData {
  brand: Brand;
  /** The reader's own name. */
  recipient: string;
  /** The agency's client whom the order is for. */
  client: string;
  product: string;
  order: { id: string; title: string };
  /** The title of the stage it is about. */
  step?: string;
  timeZone: string;
  url?: string;
  deadline?: Date;
  /** Answers to be changed, and why. */
  flags?: { field: string; reason: string }[];
  note?: string;
  /** Why the matter stands where it stands, and what would move it on. */
  why?: { blocker: string; unblock: string; tried: string[] };
  /** Further words of the work item, by name. */
  words: Record<string, string>;
}

export interface Body {
  subject: string;
  heading: string;
  paragraphs: string[];
  points?: { term: string; text: string }[];
  button?: { label: string; url: string };
  /** Below the button. */
  afterwards?: string[];
}

export interface Template {
  body(data: LetterData): Body;
  /** True when it asks the reader to act: then it is not sent once the matter has moved on. */
  asks: boolean;
  /** True when it says why the matter stands where it stands, in words for staff. */
  explains?: boolean;
  /** What to do when nobody knows whether it went out: send it again, or leave that to a person. */
  whenUnknown: 'resend' | 'hold';
}

/** The short form of an order's id that people read to each other. */
export const reference = ({ id }: LetterData['order']): string => id.slice(-7).toUpperCase();

/** Names the client, what it is about and the order, so that a full inbox can be searched for any of them. */
export function subjectOf(data: LetterData, matter: string): string {
  return `${short(data.client)}: ${matter} (order ${reference(data.order)})`;
}

/** The address of the page; a template that has a button cannot do without. */
export function urlOf({ url, order }: LetterData): string {
  if (!url) throw new Error(`The letter for order ${order.id} needs an address to lead to.`);
  return url;
}

/** At most `length` characters of a name, as people count them. */
function short(name: string, length = 60): string {
  const characters = [...name];
  return characters.length <= length ? name : `${characters.slice(0, length - 1).join('')}…`;
}
