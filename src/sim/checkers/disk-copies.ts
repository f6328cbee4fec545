/** What every disk says of every slot, followed commit by commit; for the checkers that compare words with it. */
import type { PlainValue } from '../../core/base/values.ts';
import { type SlotStatus, statuses } from '../../core/ring/status.ts';
import type { StoreRecord } from '../../core/store/record.ts';
import type { Happening, RoleName } from '../happening.ts';

/** The moving part of a slot's record. */
export interface DiskCopy {
  readonly smscId: string;
  readonly lane: 'mt' | 'mo';
  readonly slot: number;
  readonly seq: number;
  readonly status: SlotStatus;
  readonly attempts: number;
  readonly messageId: string;
}

export interface SlotChange {
  readonly before: DiskCopy | undefined;
  readonly after: DiskCopy | undefined;
  readonly who: RoleName;
  readonly epoch: string;
}

export class DiskCopies {
  /** By role, SMSC, lane and slot. */
  readonly #copies = new Map<string, DiskCopy>();
  readonly #notes = new Map<string, DiskCopy>();
  readonly #epochs = new Map<string, string>();

  copy(who: RoleName, smscId: string, lane: string, slot: number): DiskCopy | undefined {
    return this.#copies.get(`${who} ${smscId} ${lane} ${slot}`);
  }

  /** How far a claimed message came; a buffer's mt lane only. */
  note(who: RoleName, slot: number): DiskCopy | undefined {
    return this.#notes.get(`${who} ${slot}`);
  }

  epoch(who: RoleName, smscId: string, lane: string): string | undefined {
    return this.#epochs.get(`${who} ${smscId} ${lane}`);
  }

  /** @returns the slots that are another message's now, or moved */
  take(happening: Happening): readonly SlotChange[] {
    switch (happening.type) {
      case 'committed':
        return happening.records.flatMap((record) => this.#commit(happening.who, record));
      case 'noted': {
        const { who, slot, note } = happening;
        this.#notes.set(`${who} ${slot}`, { ...note, smscId: who, lane: 'mt', slot });
        return [];
      }
      case 'disk-set-back':
        for (const record of happening.records) this.#commit(happening.who, record);
        for (const key of [...this.#notes.keys()]) if (key.startsWith(`${happening.who} `)) this.#notes.delete(key);
        return [];
      case 'disk-lost': {
        const { who } = happening;
        for (const map of [this.#copies, this.#notes, this.#epochs]) {
          for (const key of [...map.keys()]) if (key.startsWith(`${who} `)) map.delete(key);
        }
        return [];
      }
      default:
        return [];
    }
  }

  #commit(who: RoleName, { key, value }: StoreRecord): SlotChange[] {
    const [room, smscId, lane, kind, slot] = key;
    if (room !== 'ring' || typeof smscId !== 'string' || (lane !== 'mt' && lane !== 'mo')) return [];
    const place = `${who} ${smscId} ${lane}`;
    if (kind === 'state' && Array.isArray(value)) this.#epochs.set(place, String(value[1]));
    if (kind !== 'slot' || typeof slot !== 'number') return [];
    const before = this.#copies.get(`${place} ${slot}`);
    const after = value === undefined ? undefined : copyOf(value, { smscId, lane, slot });
    if (after === undefined) this.#copies.delete(`${place} ${slot}`);
    else this.#copies.set(`${place} ${slot}`, after);
    return [{ before, after, who, epoch: this.#epochs.get(place) ?? '' }];
  }
}

/** The layout of `lane-records.ts`. */
function copyOf(value: PlainValue, place: Pick<DiskCopy, 'smscId' | 'lane' | 'slot'>): DiskCopy | undefined {
  if (!Array.isArray(value)) return undefined;
  const [, seq, statusIndex, attempts, , , messageId]: readonly PlainValue[] = value;
  const status = typeof statusIndex === 'number' ? statuses[statusIndex] : undefined;
  if (typeof seq !== 'number' || status === undefined || typeof attempts !== 'number') return undefined;
  return { ...place, seq, status, attempts, messageId: typeof messageId === 'string' ? messageId : '' };
}
