/**
 * Values as people write them in fifteen countries: names, addresses, phones, domains, websites, mail addresses, zones,
 * hours and amounts. Every one is shaped like a real one; numbers and hosts are made up or set aside for examples.
 */
import { readFileSync } from 'node:fs';

export interface Corner {
  country: string;
  locale: string;
  currency: string;
  names: string[];
  /** Lines of the street, town, postal code. */
  addresses: [string, string, string][];
  /** As written, and as stored. */
  phones: [string, string][];
  domains: [string, string][];
  websites: string[];
  mails: string[];
  zones: string[];
  hours: string[];
  /** As written, and in minor units. */
  amounts: [string, number][];
}

const file = new URL('./corpus.json', import.meta.url);

export const corpus: Corner[] = JSON.parse(readFileSync(file, 'utf8'));
