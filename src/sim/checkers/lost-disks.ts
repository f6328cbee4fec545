/**
 * What is excused when a disk is lost: everything but what the mirror at the other end holds. Worked out at the moment
 * of the loss, from what the other end has on its disk then. SPEC: DESIGN section 4, column *one disk lost*.
 */
import type { Instant } from '../../core/base/time.ts';
import { isUnfinished } from '../../core/ring/status.ts';
import { MessageBytes } from '../../core/roles/message-bytes.ts';
import { recoverLane } from '../../core/store/lane-records.ts';
import type { StoreReader } from '../../core/store/record.ts';
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { RunPlan, Writing } from '../plan.ts';
import type { World } from '../world.ts';
import type { WorldMeans } from '../world-tools.ts';
import type { Excuses } from './checker.ts';
import { excusedBySetBack } from './set-back-excuses.ts';

export class LostDisks implements Excuses {
  readonly lost = new Set<string>();
  readonly doubled = new Set<string>();
  readonly untold = new Set<string>();
  readonly late = new Set<string>();
  readonly lostDisks = new Set<string>();
  readonly setBackDisks = new Set<string>();
  readonly #world: World;
  readonly #plan: Pick<RunPlan, 'writings' | 'answerAfter'>;
  readonly #begunAt: Instant;
  readonly #messages: MessageBytes;

  constructor(world: World, plan: Pick<RunPlan, 'writings' | 'answerAfter'>, begunAt: Instant, means: WorldMeans) {
    this.#world = world;
    this.#plan = plan;
    this.#begunAt = begunAt;
    this.#messages = new MessageBytes(means.codec, means.sha256);
  }

  get disks(): 'kept' | 'replaced' {
    return this.lostDisks.size + this.setBackDisks.size > 0 ? 'replaced' : 'kept';
  }

  take(happening: Happening): void {
    if (happening.type !== 'disk-lost' && happening.type !== 'disk-set-back') return;
    const { who } = happening;
    const written = this.#plan.writings.filter(({ atMs }) => this.#begunAt + atMs <= this.#world.now);
    if (happening.type === 'disk-set-back') {
      const ends = { who, before: happening.before, world: this.#world, messages: this.#messages };
      const excused = excusedBySetBack(ends, written);
      const lost = who !== imServerName && this.#isTwice() ? [] : excused.lost;
      for (const text of lost) this.lost.add(text);
      for (const kind of ['doubled', 'untold', 'late'] as const) for (const text of excused[kind]) this[kind].add(text);
      this.setBackDisks.add(who);
      return;
    }
    if (who === imServerName) this.#imServerLost(written);
    else this.#bufferLost(written.filter(({ smscId }) => smscId === who));
    this.lostDisks.add(who);
  }

  /** Texts, steps and people's histories are gone; what a buffer still has to do with, in either lane, arrives. */
  #imServerLost(written: readonly Writing[]): void {
    for (const writing of written) {
      const { way, text, partCount, smscId } = writing;
      this.untold.add(text);
      this.doubled.add(text);
      if (partCount > 1) {
        this.lost.add(text);
      } else if (way === 'mo') {
        // What its person has is gone with the histories; all else is still in the SMSC or at the buffer, and comes.
        if (this.#isWithPerson(writing)) this.lost.add(text);
      } else if (!this.#isOnDisk(this.#world.site(smscId).store, writing)) {
        this.lost.add(text);
      }
    }
  }

  /** What the SMSC had our answer for and the IM server did not mirror is gone, and with it what would be recognised. */
  #bufferLost(written: readonly Writing[]): void {
    for (const writing of written) {
      const { way, text, partCount } = writing;
      // Reports that only this disk held are gone.
      this.untold.add(text);
      if (way === 'mo') this.doubled.add(text);
      if (way === 'mo' && this.#isTwice()) continue;
      // A text of a person is at the IM server, but for one that lost its own disk and was not rebuilt in time.
      const isThere = way === 'mo' ? this.#isWithPerson(writing) : !this.lostDisks.has(imServerName);
      const isMirrored = partCount === 1 && this.#isOnDisk(this.#world.im.store, writing);
      if (!isThere && !isMirrored) this.lost.add(text);
    }
  }

  /** Whether every deliver that was answered is on the other disk too. SPEC: DESIGN section 4, `--answer-after mirrored`. */
  #isTwice(): boolean {
    const isOtherHarmed = this.lostDisks.has(imServerName) || this.setBackDisks.has(imServerName);
    return this.#plan.answerAfter === 'mirrored' && !isOtherHarmed;
  }

  #isWithPerson({ user, phone, text }: Writing): boolean {
    return this.#world.talk(user, phone).some((view) => view.direction === 'in' && view.text === text);
  }

  /**
   * Unfinished, or waiting for a slot. On the disk: what a dead or waiting process only had in memory helps nobody.
   */
  #isOnDisk(store: StoreReader, { smscId, way, text }: Writing): boolean {
    const { copies, outbox } = recoverLane(store, smscId, way);
    return [...copies.filter(({ status }) => isUnfinished(status)), ...outbox].some(({ bytes }) => {
      const content = this.#messages.decode(bytes)?.content;
      return content?.type === 'text' && content.text === text;
    });
  }
}
