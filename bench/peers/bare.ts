/**
 * The floor: BullMQ jobs with one write each, without any guarantee. A job moves its order, adds a job for the effect and
 * one for the next stage; whatever dies in between is lost or done twice.
 */
import { Queue, Worker } from 'bullmq';
import mongoose from 'mongoose';
import { documentOptions } from '../../runtime/mongo.ts';
import { answer, type Contestant, type Ledger, stages, type Task } from './contestant.ts';

interface Step {
  n: number;
  stage: number;
}

interface Bare {
  _id: string;
  version: number;
  stage: number;
  history: { stage: number }[];
}

const concurrency = 100;
const prefix = '{bare}';

await answer(openBare);

async function openBare({ redisUrl, mongoUri }: Task, ledger: Ledger): Promise<Contestant> {
  const mongo = await mongoose.createConnection(mongoUri, { ...documentOptions, maxPoolSize: 50 }).asPromise();
  const orders = mongo.collection<Bare>('bare');
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const moves = new Queue<Step>('moves', { connection, prefix });
  const effects = new Queue<Step>('effects', { connection, prefix });
  const running: Worker<Step>[] = [];

  async function move({ n, stage }: Step): Promise<void> {
    const update = { $inc: { version: 1 }, $set: { stage }, $push: { history: { stage } } };
    await orders.findOneAndUpdate({ _id: `bare-${n}` }, update);
    await effects.add('effect', { n, stage });
    if (stage < stages) await moves.add('move', { n, stage: stage + 1 });
  }

  return {
    async put(from, to) {
      const numbers = Array.from({ length: to - from }, (_, index) => from + index);
      await orders.insertMany(numbers.map((n) => ({ _id: `bare-${n}`, version: 0, stage: 0, history: [] })));
      await moves.addBulk(numbers.map((n) => ({ name: 'move', data: { n, stage: 1 } })));
    },
    async start() {
      const options = { connection, prefix, concurrency };
      running.push(new Worker<Step>('moves', ({ data }) => move(data), options));
      running.push(new Worker<Step>('effects', async ({ data: { n, stage } }) => ledger.consume(n, stage), options));
    },
    isOver: async () => true,
    async faults(count) {
      const moved = await orders.countDocuments({ version: stages, stage: stages, history: { $size: stages } });
      return moved === count ? [] : [`${moved} of ${count} orders are at stage ${stages} with ${stages} lines`];
    },
    async stop() {
      await Promise.all([...running, moves, effects].map((one) => one.close()));
    },
  };
}
