/** What people and handsets write in a world: who, to whom, when, and every text like no other. */
import type { Random } from '../../src/core/base/random.ts';

export const users = ['alice', 'bob'] as const;
export const suffixes = { alice: '0001', bob: '0002' } as const;
export const phones = ['+358401110001', '+358401110002', '+358401110003'] as const;
export interface Writing {
  readonly atMs: number;
  readonly user: (typeof users)[number];
  readonly phone: string;
  readonly text: string;
}

export interface Wanted {
  readonly mt: readonly Writing[];
  readonly mo: readonly Writing[];
}

/** @param longShare of the texts that take three parts */
export function planWritings(
  chance: Random,
  options: { readonly textCount: number; readonly lastingMs: number; readonly longShare: number },
): Wanted {
  const { textCount, lastingMs, longShare } = options;
  const write = (way: string): Writing[] =>
    Array.from({ length: textCount }, (_, index) => ({
      atMs: chance() * lastingMs * 0.9,
      user: users[chance() < 0.5 ? 0 : 1],
      phone: phones[Math.floor(chance() * phones.length)] ?? phones[0],
      text: `${way} ${index} ${chance() < longShare ? 'long '.repeat(70) : ''}`.trim(),
    })).sort((a, b) => a.atMs - b.atMs);
  return { mt: write('to handset'), mo: write('to person') };
}
