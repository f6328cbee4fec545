/**
 * The rings of a running role for whoever watches them: all of them once, then what changed, at most ten times a second
 * and only while somebody watches. One that reads slowly misses moves in between, never the end. It carries no messages;
 * what a slot holds in full is `GET /rings`.
 */
import { setTimeout as waitMs } from 'node:timers/promises';
import { type News, type RingSight, RingTeller } from '../core/roles/ring-news.ts';
import type { LinkView } from '../core/store/ring-view.ts';

/** One line of the stream. */
export interface RingNewsDocument extends News {
  readonly schema: 'ring-news/1';
  readonly role: 'buffer' | 'im-server';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How often a watcher is told at most. */
export const ringNewsEveryMs = 100;

export interface RingNewsSource {
  readonly role: RingNewsDocument['role'];
  ringSights(): readonly RingSight[];
  links(): readonly LinkView[];
  /** Milliseconds since 1970. */
  now(): number;
}

/** Never ends by itself: whoever listens goes away, or the role does. */
export async function* ringNews(source: RingNewsSource): AsyncGenerator<RingNewsDocument, void, void> {
  const teller = new RingTeller();
  for (;;) {
    const news = teller.take(source.ringSights(), source.links());
    if (news !== undefined) yield { schema: 'ring-news/1', role: source.role, at: source.now(), ...news };
    await waitMs(ringNewsEveryMs, undefined, { ref: false });
  }
}
