/**
 * What can be seen of a world while it runs, in the order in which it happens: the material of the trace and of the
 * checkers. Plain data; nobody answers.
 */
import type { ErrorCode } from '../core/base/errors.ts';
import type { LogEvent } from '../core/base/log-event.ts';
import type { ImEvent, SendResult } from '../core/im/exchange-io.ts';
import type { Entry } from '../core/link/entries.ts';
import type { SmscEvent } from '../core/roles/smsc/smsc-io.ts';
import type { StoreReader, StoreRecord } from '../core/store/record.ts';
import type { SlotNote } from '../core/store/slot-note.ts';
import type { Fault } from './faults.ts';

/** `im-server`, or the SMSC id of a buffer. */
export type RoleName = string;

export const imServerName: RoleName = 'im-server';

export type Happening =
  /** `left-out`: it would be more than is promised for. */
  | { readonly type: 'fault'; readonly fault: Fault; readonly moment: 'begins' | 'ends' | 'left-out' }
  | { readonly type: 'started'; readonly who: RoleName }
  | { readonly type: 'died'; readonly who: RoleName }
  | { readonly type: 'disk-lost'; readonly who: RoleName }
  /** Its disk is as it was earlier; what is different now, as records, and what was there until now. */
  | {
      readonly type: 'disk-set-back';
      readonly who: RoleName;
      readonly records: readonly StoreRecord[];
      readonly before: StoreReader;
    }
  | { readonly type: 'refused-to-start'; readonly who: RoleName; readonly code: ErrorCode }
  | { readonly type: 'committed'; readonly who: RoleName; readonly records: readonly StoreRecord[] }
  | { readonly type: 'noted'; readonly who: RoleName; readonly slot: number; readonly note: SlotNote }
  /** An entry left for the other end; `smscId` says on which link. */
  | { readonly type: 'told'; readonly who: RoleName; readonly smscId: string; readonly entry: Entry }
  | { readonly type: 'smsc'; readonly smscId: string; readonly event: SmscEvent }
  | { readonly type: 'log'; readonly who: RoleName; readonly event: LogEvent }
  /** A person typed a text. */
  | {
      readonly type: 'typed';
      readonly user: string;
      readonly to: string;
      readonly text: string;
      readonly cid: string;
    }
  | { readonly type: 'answered'; readonly cid: string; readonly result: SendResult }
  /** A person's page shows something. */
  | { readonly type: 'shown'; readonly client: string; readonly event: ImEvent }
  /** The SMSC believes that the report of such a submit was taken, and it never came. */
  | { readonly type: 'report-withheld'; readonly smscId: string; readonly to: string }
  /** Under `hold` somebody looked at the handset and said whether a text in doubt is there. */
  | { readonly type: 'decided'; readonly text: string; readonly as: 'sent' | 'not-sent' }
  | {
      readonly type: 'injected';
      readonly smscId: string;
      readonly from: string;
      readonly to: string;
      readonly text: string;
    };
