/** What `ring verify` finds: a rule that does not hold, and where. SPEC: DESIGN sections 2 and 4. */
import type { LaneName } from '../../core/ring/status.ts';

/** What must always hold, by name; the text of a finding says how it does not. */
export const ruleNames = [
  'record-readable',
  'number-in-its-slot',
  'hash-of-content',
  'message-of-its-id',
  'outcome-with-status',
  'attempt-counted',
  'status-of-this-end',
  'message-once',
  'ends-agree',
  'ended-before-reuse',
  'store-never-back',
  'moves-along-the-table',
  'copy-never-earlier',
  'settled-before-reuse',
  'numbers-only-grow',
  'recording-readable',
  'recording-fits-store',
] as const;

export type RuleName = (typeof ruleNames)[number];

export interface BrokenRule {
  readonly rule: RuleName;
  readonly stateDir: string;
  /** `buffer`, `im-server`; `both` where the two ends contradict each other. */
  readonly side: string;
  readonly smscId?: string;
  readonly lane?: LaneName;
  readonly slot?: number;
  readonly seq?: number;
  /** Of a recording: when, in milliseconds since 1970, and behind which input. */
  readonly at?: number;
  readonly event?: number;
  /** What is wrong, without texts and numbers of people. */
  readonly text: string;
}
