/**
 * The companies of the examples: each has its own website and pictures, address, telephone and opening hours, and writes
 * amounts as in its country. Their answers are the products' own examples with all of that in it.
 */
import countryToCurrency, { type Countries } from 'country-to-currency';
import { z } from 'zod';
import { localeOfCountry, writeAmount } from '../../workflows/validators/amounts.ts';

export const company = z.strictObject({
  /** Its website is this part of example.com. */
  host: z.string(),
  ...{
    street: z.string(),
    town: z.string(),
    region: z.string().optional(),
    postal_code: z.string(),
    phone: z.string(),
  },
  /** Opening hours as people write them; closed where there are none. */
  ...{ weekdays: z.string(), saturday: z.string().default('closed'), sunday: z.string().default('closed') },
});

export type Company = z.infer<typeof company>;

/** What of an example order its company's words depend on. */
interface Ordered {
  account: string;
  country: string;
  time_zone: string;
  product: string;
  company: Company;
}

type Answers = Record<string, unknown>;

/** The value with the company's own addresses on the web in it: `example.com` is nobody's. */
export const ofHost = <T>(value: T, host: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll(/(?<![\w.-])example\.com/g, `${host}.example.com`));

/** The example of a product, as the order's company would answer it. */
export function inTheWordsOf(order: Ordered, example: Answers): Answers {
  // A vendor, who knows no company, answers for backlinks with the example's own pages.
  const own = order.product === 'backlinks' ? example : ofHost(example, order.company.host);
  const said = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, saidOf(key, value, order)]));
  if (!('postal_code' in said)) return said;
  const nap: Answers = napOf(order);
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [key, nap[key] ?? value]));
}

/** Name, address and phone, as they are to be seen everywhere. */
function napOf({ account, country, company: { street, town, region, postal_code, phone } }: Ordered) {
  return { name: account, address: [street], locality: town, ...(region && { region }), postal_code, country, phone };
}

function saidOf(key: string, value: unknown, order: Ordered): unknown {
  const { account, country, company: its, time_zone } = order;
  const { town, phone } = its;
  switch (key) {
    case 'nap':
      return napOf(order);
    case 'hours':
      return typeof value === 'object' ? hoursOf(its) : value;
    case 'phone':
      return phone;
    case 'business_name':
      return account;
    case 'legal_entity':
      return `${account}, ${town}`;
    case 'time_zone':
      return time_zone;
    case 'locations':
    case 'service_area':
      return { include: [{ kind: 'city', country, name: town }] };
    default:
      return value;
  }
}

const hoursOf = ({ weekdays, saturday, sunday }: Company) => ({
  ...{ monday: weekdays, tuesday: weekdays, wednesday: weekdays, thursday: weekdays, friday: weekdays },
  ...{ saturday, sunday },
});

/** Budgets as they are typed in the country: `3.040,00` in Germany, `3,04,000.00` in India. */
export function typedIn(country: string, answers: Answers): Answers {
  const currency = countryToCurrency[country as Countries] ?? 'USD';
  const typed = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('amount' in value)) return value;
    return { amount: writeAmount(Number(value.amount), { locale: localeOfCountry(country), currency }), currency };
  };
  return Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, typed(value)]));
}
