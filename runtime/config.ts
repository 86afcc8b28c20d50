/** The environment, parsed once into one frozen object. The only reader of process.env; every bad variable is named. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseUrl } from '../kernel/urls.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const portRule = 'must be a port number from 0 to 65535';
const port = z.coerce.number(portRule).int(portRule).min(0, portRule).max(65_535, portRule);

const variables = z.object({
  NODE_ENV: z
    .enum(['production', 'development', 'test'], 'must be production, development or test')
    .default('development'),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
    .regex(
      /^[a-z+]+:\/\/([^/@]*@)?[^/@?]+(\/|\?|$)/,
      'must name a host, and in its password `@` and `/` are written as %40 and %2F',
    ),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .refine(namesHost, 'must be a URL with a host, such as redis://127.0.0.1:6379'),
  REDIS_PREFIX: z.string().default('{orderworks}'),
  HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: port.optional(),
  PORT: port.default(4_000),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as https://orders.example.com' })
    .refine((text) => !/[?#]/.test(text), 'must have neither a query nor a fragment: https://orders.example.com')
    .default('http://127.0.0.1:4000'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .refine(namesHost, 'must be a URL with a host, such as smtp://user:password@mail.example.com:587')
    .default('smtp://127.0.0.1:1025'),
  LINK_SECRET: z.string().min(32, 'must have at least 32 characters, such as the output of `openssl rand -hex 32`'),
  OUTSIDE_ALLOW: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter(Boolean))
    .refine(
      (given) => given.every((one) => parseUrl(one)?.origin === one),
      'must be origins such as http://127.0.0.1:9000, separated by commas',
    ),
  OUTSIDE_STANDIN: z
    .string()
    .regex(
      /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d{1,5}$/,
      'must be an address of this machine such as http://127.0.0.1:4998',
    )
    .optional(),
  DNS_SERVERS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter(Boolean))
    .refine((given) => given.every(isServer), 'must be addresses such as 10.0.0.2 or 10.0.0.2:53, separated by commas'),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform((text) =>
      /^\d+$/.test(text)
        ? Number(text)
        : text
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean),
    )
    .refine(
      (given) => (typeof given === 'number' ? given <= 10 : given.every(isProxy)),
      'must be a number of hops (10 at most), or addresses such as 10.0.0.0/8, separated by commas',
    ),
  BUSINESS_CLOCK: z.string().min(1, 'must be the path of a file').optional(),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

/** Every variable that is read. */
export const variableNames: readonly string[] = Object.keys(variables.shape);

/** What lets a trial run with a pretended internet and a time of its own; nobody's orders may live in it. */
const ofTrials = ['OUTSIDE_STANDIN', 'BUSINESS_CLOCK'] as const;

const schema = variables.superRefine((env, context) => {
  if (env.NODE_ENV !== 'production') return;
  for (const name of ofTrials.filter((one) => env[one] !== undefined)) {
    const message = 'is for trials only; unset it where NODE_ENV is production';
    context.addIssue({ code: 'custom', path: [name], message });
  }
});

export type Config = Readonly<{
  production: boolean;
  mongoUri: string;
  redisUrl: string;
  redisPrefix: string;
  host: string;
  port: number;
  /** Where workers and the dispatcher tell of their health and metrics; nowhere when absent. */
  healthPort: number | undefined;
  publicUrl: string;
  smtpUrl: string;
  linkSecret: string;
  /** Origins that vendors may have though they are not on the internet; never in production. */
  outsideAllow: readonly string[];
  /** What plays the internet in trials; never in production. */
  outsideStandin: string | undefined;
  /** Whom to ask for names in checks; those of the machine when empty. */
  dnsServers: readonly string[];
  /**
   * Whose X-Forwarded headers are believed: proxies at these addresses, or so many hops, which is safe only where nobody
   * can reach the process but through them. Nobody's by default.
   */
  trustProxy: number | readonly string[];
  /** The file that says how far business time is ahead of real time; never in production. */
  businessClock: string | undefined;
  logLevel: string;
}>;

/** Every variable that is missing or wrong, one a line. */
export class BadEnvironment extends Error {
  override name = 'BadEnvironment';
  readonly faults: readonly { variable: string; message: string }[];

  constructor(faults: readonly { variable: string; message: string }[]) {
    super(
      `Set or correct these variables:\n${faults.map((one) => `  ${one.variable} ${one.message}${sample(one)}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

const samples: Record<string, string> = {
  MONGODB_URI: 'mongodb://127.0.0.1:27017/orderworks',
  REDIS_URL: 'redis://127.0.0.1:6379',
  SMTP_URL: 'smtp://user:password@mail.example.com:587',
  PUBLIC_URL: 'https://orders.example.com',
  LINK_SECRET: 'the output of `openssl rand -hex 32`',
};

/** What the variable may look like; undefined where its message already says so. */
export const sampleOf = (variable: string): string | undefined => samples[variable];

function sample({ variable, message }: { variable: string; message: string }): string {
  const found = message === 'is not set' ? sampleOf(variable) : undefined;
  return found === undefined ? '.' : `, such as ${found}.`;
}

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // What is set to nothing, as compose files do, is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    // The first fault of each: the others follow from it.
    const faults = new Map<string, string>();
    for (const { path, message } of parsed.error.issues) {
      const variable = path.join('.');
      if (!faults.has(variable)) faults.set(variable, given[variable] === undefined ? 'is not set' : message);
    }
    throw new BadEnvironment([...faults].map(([variable, message]) => ({ variable, message })));
  }
  const env = parsed.data;
  return Object.freeze({
    production: env.NODE_ENV === 'production',
    mongoUri: env.MONGODB_URI,
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    host: env.HOST,
    port: env.PORT,
    healthPort: env.HEALTH_PORT,
    publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
    smtpUrl: env.SMTP_URL,
    linkSecret: env.LINK_SECRET,
    outsideAllow: env.NODE_ENV === 'production' ? [] : env.OUTSIDE_ALLOW,
    outsideStandin: env.OUTSIDE_STANDIN,
    dnsServers: env.DNS_SERVERS,
    trustProxy: env.TRUST_PROXY,
    businessClock: env.BUSINESS_CLOCK,
    logLevel: env.LOG_LEVEL,
  });
}

const isServer = (text: string): boolean =>
  isIP(text.replace(/^\[(.*)\](:\d{1,5})?$/, '$1')) !== 0 || isIP(text.replace(/:\d{1,5}$/, '')) === 4;

function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  return longest > 0 && isRange && more.length === 0;
}

function namesHost(text: string): boolean {
  return Boolean(parseUrl(text)?.hostname);
}
