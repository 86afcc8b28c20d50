/** How a stage stands in the system, for whoever runs it: names and numbers to look for in the database and the queues. */
import type { Delivery } from '../words/delivery.ts';
import type { OrderState, StageState, Timer } from '../words/state.ts';

export function factsForOperator({ timers = {} }: OrderState, current: StageState): string[] {
  const { key, gate, round, status, waitingFor, delivery, reminders = [] } = current;
  const mails = [delivery, ...reminders.map((one) => one.delivery)].filter((one) => one !== undefined);
  const own = Object.entries(timers).filter(([name]) => name === 'sla' || name.endsWith(`-${key}`));
  return [
    `Stage ${key}: gate ${gate}, round ${round}, status ${status}${waitingFor ? `, waiting for ${waitingFor}` : ''}.`,
    ...mails.map(mailFact),
    ...own.flatMap(([name, timer]) => timerFact(name, timer)),
  ];
}

const mailFact = ({ mail, outcome }: Delivery): string => `Mail ${mail}: ${outcome}.`;

const timerFact = (name: string, { seq, at }: Timer): string[] =>
  at ? [`Timer ${name}, number ${seq}, rings at ${at.toISOString()}.`] : [];
