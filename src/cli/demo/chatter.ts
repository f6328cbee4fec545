/**
 * Small talk between bob and the second handset, so that there is something to see: now a text each way, now a handful
 * at once. Alice and the first handset are left to whoever watches.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, seededRandom } from '../../core/base/random.ts';

export interface ChatterOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly fromUser: (text: string, n: number) => void;
  readonly fromHandset: (text: string) => Promise<void>;
}

const phrases = [
  'On my way',
  'Where are you?',
  'Five minutes',
  'Bring milk, please',
  'The train is late again',
  'See you at seven',
  'Did it work?',
  'Yes :)',
  'Call me when you can',
  'Grüße aus Köln',
  'Of course',
  'Nearly there',
] as const;

const pauseMs = { shortest: 300, longest: 1_200 } as const;
const burstShare = 0.15;
const burstSize = 12;

/** Resolves when the signal is aborted. */
export async function chatter({ seed, signal, fromUser, fromHandset }: ChatterOptions): Promise<void> {
  const random = seededRandom(seed);
  for (let n = 1; !signal.aborted; ) {
    const count = random() < burstShare ? burstSize : 1;
    for (let i = 0; i < count; i += 1, n += 1) {
      if (random() < 0.5) fromUser(phrase(random), n);
      else await fromHandset(phrase(random));
    }
    const waitMs = pauseMs.shortest + random() * (pauseMs.longest - pauseMs.shortest);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

function phrase(random: Random): string {
  return phrases[Math.floor(random() * phrases.length)] ?? phrases[0];
}
