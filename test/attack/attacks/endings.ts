/** Every way in which the other side may end it: for pages, calls of vendors, the mail server, and callers of the API. */
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { seconds } from '../../../kernel/time.ts';
import { type Errand, errandOf, outcomes, passTime, send } from '../../chaos/errands.ts';
import { secretOf, served } from '../../chaos/vendors.ts';
import { drips, endings, resets, says } from '../../support/endings.ts';
import { eventually } from '../../support/eventually.ts';
import type { Attack } from '../attack.ts';
import { aTenant } from '../orders.ts';
import type { Stage } from '../stage.ts';
import { lookAtAll } from './pages.ts';

const within = 200_000;

async function pages(stage: Stage): Promise<string[]> {
  const names = endings.map(([, manner], n) => {
    stage.site.manners.set(`ending-${n}`, manner);
    return `ending-${n}`;
  });
  return lookAtAll(stage, names, within);
}

async function calls(stage: Stage): Promise<string[]> {
  const { world, site } = stage;
  const errands: Errand[] = [];
  for (const [n, [, manner]] of endings.entries()) {
    const name = `vendor-${n}`;
    site.manners.set(name, manner);
    await aTenant(world, name);
    await world.models.vendors.put({
      ...{ _id: name, agency: name, name, url: `${site.origin}/vendor/${name}/dispatches`, secrets: [secretOf(name)] },
      ...{ limit: 8, schedule: [seconds(1)], keyMemory: seconds(3_600), pollAfter: seconds(3_600) },
      ...{ answerWithin: seconds(86_400), serves: [served] },
    });
    errands.push(errandOf(name, 0));
  }
  for (const errand of errands) await send(world, errand);
  const isEnded = async () => {
    await passTime(world);
    const found = await outcomes(world, errands);
    return found.every(({ dispatch }) => dispatch && dispatch.status !== 'calling');
  };
  stage.count(errands.length * 2);
  const areAll = await eventually(isEnded, { within, every: 1_000 }).catch(() => false);
  return areAll ? [] : ['a call to a vendor never ended'];
}

/** Before the message is taken: what is sent again cannot arrive twice. */
const ofMail = [
  resets,
  (socket: Socket) => void socket.end(),
  drips('', '220-more\r\n'),
  drips('220-', 'x'),
  says('no\r\n'),
];

async function mails(stage: Stage): Promise<string[]> {
  const { mail, world } = stage;
  mail.next.push(...ofMail, () => undefined, says('421 busy\r\n'), says('554 no\r\n'));
  const count = mail.next.length;
  world.load.begin({ perSecond: 4, most: 12 });
  const met = await eventually(() => mail.next.length === 0, { within, every: 250 }).catch(() => false);
  await world.load.end(60_000);
  stage.count(count);
  return met ? [] : [`${mail.next.length} of ${count} manners of a mail server were never met`];
}

const head = 'POST /v1/admin/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
const broken: ((socket: Socket) => void)[] = [
  (socket) => socket.end(`${head}content-length: 500\r\n\r\n{"a":`),
  (socket) => socket.write(`${head}content-length: 500\r\n\r\n{"a":`, () => void socket.resetAndDestroy()),
  (socket) => void socket.write(`${head}content-length: 2\r\n\r\n{"a":1,"b":2}`),
  (socket) => void socket.write(`${head}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`),
  (socket) => void socket.write(`${head}transfer-encoding: chunked\r\n\r\nffffffff\r\nabc`),
  (socket) => void socket.write(`${head}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc`),
  (socket) => void socket.write(`${head}expect: 100-continue\r\ncontent-length: 9\r\n\r\n`),
  (socket) => void socket.write(`${head}connection: upgrade\r\nupgrade: websocket\r\n\r\n`),
  (socket) => void socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  (socket) => void socket.write(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`),
  (socket) => drips(head, 'a: b\r\n')(socket, ''),
  (socket) => drips(`${head}content-length: 100000\r\n\r\n`, 'x')(socket, ''),
];

/** Callers who never end what they ask; each is cut off a few seconds later. */
async function callers(stage: Stage): Promise<string[]> {
  const { hostname, port } = new URL(stage.world.apiUrl);
  const faults: string[] = [];
  const times = Math.ceil(20 * stage.share);
  const sockets = Array.from({ length: times }, () => broken).flatMap((all) =>
    all.map((act, n) => {
      const socket = connect(Number(port), hostname, () => act(socket));
      socket
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          if (/^HTTP\/1\.1 5/.test(chunk.toString('latin1')))
            faults.push(`caller ${n}: ${chunk.toString('latin1', 0, 40)}`);
        });
      return socket;
    }),
  );
  await wait(seconds(4));
  for (const socket of sockets) socket.destroy();
  stage.count(sockets.length, faults);
  return [];
}

export const everyEnding: Attack = {
  item: 2,
  name: 'endings',
  sends: `${endings.length} endings to looks and to vendor calls, ${ofMail.length + 3} to mails, ${broken.length} to the API`,
  isLong: true,
  async play(stage) {
    const found = await Promise.all([pages(stage), calls(stage), mails(stage), callers(stage)]);
    return found.flat();
  },
};

export const brokenCallers: Attack = {
  item: 2,
  name: 'callers who never end',
  sends: `${broken.length} kinds of unfinished requests`,
  play: callers,
};
