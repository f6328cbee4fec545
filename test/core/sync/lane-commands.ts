/** What may happen to a pair of lane ends, as values that fast-check draws and shrinks, and how it all comes to rest. */
import fc from 'fast-check';
import { type Answer, type End, type LanePair, longMs, shortMs } from './lane-pair.ts';

export type Command =
  | { readonly type: 'enqueue'; readonly conversation: string; readonly validMs: number; readonly count: number }
  | { readonly type: 'deliver'; readonly to: End; readonly count: number }
  | { readonly type: 'commit'; readonly at: End; readonly count: number }
  | { readonly type: 'exchange'; readonly rounds: number }
  | { readonly type: 'claim'; readonly count: number }
  | { readonly type: 'answer'; readonly pick: number; readonly how: Answer }
  | { readonly type: 'resolve'; readonly by: End; readonly pick: number; readonly as: 'sent' | 'not-sent' }
  | { readonly type: 'cut'; readonly noticedBy: readonly End[] }
  | { readonly type: 'connect' }
  | { readonly type: 'crash' | 'lose' | 'back-up' | 'set-back'; readonly end: End }
  | { readonly type: 'double'; readonly to: End; readonly pick: number; readonly behind: number }
  | { readonly type: 'digest'; readonly end: End; readonly occasion: 'regular' | 'request' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'pass'; readonly ms: number };

const end = fc.constantFrom<End>('producer', 'consumer');
const few = fc.integer({ min: 1, max: 4 });

function of<T extends Command['type']>(type: T, rest: object = {}) {
  return fc.record({ type: fc.constant(type), ...rest }) as fc.Arbitrary<Command>; // The fields stand beside the kind.
}

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: of('enqueue', {
      conversation: fc.constantFrom('a', 'b', 'c'),
      validMs: fc.constantFrom(longMs, longMs, longMs, shortMs),
      count: few,
    }),
  },
  { weight: 6, arbitrary: of('deliver', { to: end, count: few }) },
  { weight: 5, arbitrary: of('commit', { at: end, count: few }) },
  { weight: 6, arbitrary: of('exchange', { rounds: few }) },
  { weight: 6, arbitrary: of('claim', { count: few }) },
  {
    weight: 8,
    arbitrary: of('answer', {
      pick: fc.nat(9),
      how: fc.constantFrom('confirm', 'confirm', 'confirm', 'refuse', 'postpone', 'lose', 'repeat'),
    }),
  },
  { weight: 2, arbitrary: of('resolve', { by: end, pick: fc.nat(9), as: fc.constantFrom('sent', 'not-sent') }) },
  {
    weight: 2,
    arbitrary: of('cut', { noticedBy: fc.constantFrom(['producer', 'consumer'], ['producer'], ['consumer'], []) }),
  },
  { weight: 4, arbitrary: of('connect') },
  { weight: 2, arbitrary: of('crash', { end }) },
  { weight: 1, arbitrary: of('lose', { end }) },
  { weight: 2, arbitrary: of('back-up', { end }) },
  { weight: 1, arbitrary: of('set-back', { end }) },
  { weight: 3, arbitrary: of('double', { to: end, pick: fc.nat(9), behind: fc.nat(9) }) },
  { weight: 1, arbitrary: of('digest', { end, occasion: fc.constantFrom('regular', 'request') }) },
  { weight: 1, arbitrary: of('heartbeat') },
  { weight: 2, arbitrary: of('pass', { ms: fc.constantFrom(1, 1_000, 6_000, 25_000, 50_000) }) },
);

export const anySize = fc.constantFrom(1, 2, 3, 7, 255);

export function run(pair: LanePair, command: Command): void {
  switch (command.type) {
    case 'enqueue':
      for (let i = 0; i < command.count; i += 1) pair.enqueue(command.conversation, command.validMs);
      return;
    case 'deliver':
      pair.deliver(command.to, command.count);
      return;
    case 'commit':
      return pair.carriers[command.at].commit(command.count);
    case 'exchange':
      return pair.exchange(command.rounds);
    case 'claim':
      for (let i = 0; i < command.count; i += 1) pair.claim();
      return;
    case 'answer':
      return pair.answer(command.pick, command.how);
    case 'resolve':
      return pair.resolve(command.by, command.pick, command.as);
    case 'cut':
      return pair.cut(command.noticedBy);
    case 'connect':
      return pair.connect();
    case 'crash':
      return pair.crash(command.end);
    case 'lose':
      return pair.loseStore(command.end);
    case 'back-up':
      return pair.backUp(command.end);
    case 'set-back':
      return pair.setBack(command.end);
    case 'double':
      return pair.double(command.to, command.pick, command.behind);
    case 'digest':
      return pair.askForDigest(command.end, command.occasion);
    case 'heartbeat':
      return pair.heartbeat();
    case 'pass':
      return pair.pass(command.ms);
    default:
      throw new Error(`unknown command ${JSON.stringify(command satisfies never)}`);
  }
}

/** One connection and one exchange of digests bring the ends into step, without the clock or anybody's help. */
export function comeIntoStep(pair: LanePair): void {
  pair.connect();
  pair.exchange();
  const differences = pair.differences();
  if (differences.length > 0) throw new Error(`not in step after one exchange of digests: ${differences.join(', ')}`);
  const contacts = [pair.producer.contact, pair.consumer.contact];
  if (contacts.some((contact) => contact !== 'in-step')) throw new Error(`contacts are ${contacts.join(' and ')}`);
}

/** Faults are over: everything is handed over and settled, in bounded time. */
export function comeToRest(pair: LanePair): void {
  comeIntoStep(pair);
  const isBusy = () =>
    pair.producer.ring.inUse + pair.producer.outboxCount + pair.consumer.ring.inUse + pair.outstanding.length > 0;
  for (let round = 0; isBusy(); round += 1) {
    if (round > 1_000) throw new Error('the ends do not come to rest');
    while (pair.claim());
    pair.exchange();
    while (pair.outstanding.length > 0) pair.answer(0, 'confirm');
    // Under `hold` only a decision ends a doubt.
    pair.resolve('consumer', round, round % 2 === 0 ? 'sent' : 'not-sent');
    pair.pass(1_000);
    pair.exchange();
  }
  if (pair.differences().length > 0) throw new Error(`differ at rest: ${pair.differences().join(', ')}`);
}

/** At rest: nobody has anything to say, memory is what the disk holds, and every message had its end. */
export function checkRest(pair: LanePair): void {
  pair.sentCounts.clear();
  pair.pass(30_000);
  pair.askForDigest('producer', 'regular');
  pair.askForDigest('consumer', 'regular');
  pair.exchange();
  const said = [...pair.sentCounts].map(([type, count]) => `${count} ${type}`).join(', ');
  if (said !== '2 digest') throw new Error(`two ends at rest say ${said}`);
  pair.checkRecovery('producer');
  pair.checkRecovery('consumer');
  pair.checks.nothingIsLost();
}
