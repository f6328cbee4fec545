/**
 * What a fault scenario is: which faults there are, on which packets each can act, and when one is met. Values and one
 * table; how they are written in a file is `cli/smsc/scenario-file.ts`, what carries them out is `faulty-smsc.ts`.
 * Source: docs/reference/cimd2.md sections 1.3, 2, 4, 6.2 and 11.
 */
import { generalError, nack, operations } from '../../codec/operations.ts';

/** What a kind needs to be told besides what every fault can have. */
export type FaultOption = 'delay' | 'for' | 'error' | 'noise' | 'greeting';

/**
 * Where a fault is met. `in`: a packet of the application has arrived and nobody has looked at it. `taken`: it is whole
 * and in turn, and about to be carried out. `out`: a packet of the SMSC is about to leave. `opened`: a connection came.
 */
export type FaultSide = 'in' | 'taken' | 'out' | 'opened';

export interface FaultKindRow {
  readonly side: FaultSide;
  /** Wire codes of the packets it can act on, in rising order; none for `opened`. */
  readonly operations: readonly number[];
  /** Whether it can also come by itself when its time is there, with no packet to meet. */
  readonly comesByTime: boolean;
  readonly options: readonly FaultOption[];
  /** One fragment: what happens. */
  readonly meaning: string;
}

const requestsIn = operations.filter(({ requester }) => requester === 'application').map(({ code }) => code);
const requestsOut = operations.filter(({ requester }) => requester === 'smsc').map(({ code }) => code);
const answersIn = requestsOut.map((code) => code + 50);
const answersOut = [...requestsIn.map((code) => code + 50), generalError.code, nack.code];
const allIn = [...requestsIn, ...answersIn];
const allOut = [...requestsOut, ...answersOut];
/** Logout and alive are answered by the session itself and cannot be refused. */
const carriedOut = requestsIn.filter((code) => code !== 2 && code !== 40);

export const faultKinds = {
  nack: row('in', requestsIn, [], 'the packet is not taken but answered with 99'),
  lost: row('in', allIn, [], 'the packet is not taken, and nothing is said'),
  cut: row('in', allIn, [], 'the connection is reset before the packet is taken', 'also by time'),
  restart: row('in', allIn, ['for'], 'all connections are reset, new ones too for a while', 'also by time'),
  'general-error': row('in', requestsIn, [], 'the request is not carried out but answered with 98'),
  refuse: row('taken', carriedOut, ['error'], 'the request is not carried out but refused with an error code'),
  'slow-answer': row('out', answersOut, ['delay'], 'the answer leaves later, and what is behind it waits'),
  'no-answer': row('out', answersOut, [], 'the request is carried out, its answer never leaves'),
  'answer-lost': row(
    'out',
    answersOut,
    [],
    'the request is carried out, and the connection is reset instead of an answer',
  ),
  'duplicate-answer': row('out', answersOut, [], 'the answer leaves twice'),
  'swallow-deliver': row('out', requestsOut, [], 'the deliver or report does not leave; the SMSC believes it did'),
  'duplicate-deliver': row('out', requestsOut, [], 'the deliver or report leaves twice under one number'),
  'wrong-checksum': row('out', allOut, [], 'the packet leaves with a checksum that does not fit'),
  'wrong-number': row('out', allOut, [], 'the packet leaves under the number 128 further on'),
  'cut-in-packet': row('out', allOut, [], 'half the packet leaves, then the connection ends'),
  garbage: row('out', allOut, ['noise'], 'bytes that are no packet leave in front of the packet'),
  'unknown-operation': row('out', allOut, [], 'a request that does not exist (30) leaves in front of the packet'),
  greeting: row('opened', [], ['greeting'], 'the greeting is left out, or comes in another way'),
} as const satisfies Readonly<Record<string, FaultKindRow>>;

export type FaultKind = keyof typeof faultKinds;

/** `text`: lines of a terminal. `nul`: zero bytes, of which the vendor warns. `bytes`: anything but STX and ETX. */
export const noises = ['text', 'nul', 'bytes'] as const;
export type Noise = (typeof noises)[number];

/** `none`: it is left out. `pieces`: byte by byte. `late`: in front of the first packet, in one write with it. */
export const greetings = ['none', 'pieces', 'late'] as const;
export type GreetingVariant = (typeof greetings)[number];

/** What a kind is told, each where its row says so. */
export type FaultAction =
  | { readonly kind: Exclude<FaultKind, 'slow-answer' | 'restart' | 'refuse' | 'garbage' | 'greeting'> }
  | { readonly kind: 'slow-answer'; readonly delayMs: number }
  /** `forMs`: how long new connections are reset. */
  | { readonly kind: 'restart'; readonly forMs: number }
  /** 900, 1–999. */
  | { readonly kind: 'refuse'; readonly errorCode: number }
  | { readonly kind: 'garbage'; readonly noise: Noise }
  | { readonly kind: 'greeting'; readonly greeting: GreetingVariant };

/**
 * Which of the packets that fit. Packets are counted from 1, per fault, over all connections. `every-time`: the first
 * one in each period; without one to meet, kinds that come by time come at its end.
 */
export type FaultMeasure =
  | { readonly type: 'always' }
  | { readonly type: 'nth'; readonly nth: number }
  | { readonly type: 'every'; readonly every: number }
  | { readonly type: 'first'; readonly first: number }
  | { readonly type: 'every-time'; readonly everyMs: number }
  /** More than 0, at most 1. */
  | { readonly type: 'probability'; readonly probability: number };

export interface Fault {
  readonly action: FaultAction;
  /**
   * Wire codes of the packets that fit, each one of its kind's; undefined: all of them but login and its answer, since
   * nothing else happens where nobody gets in.
   */
  readonly operations: readonly number[] | undefined;
  /** Only on connections where this account logged in. */
  readonly account: string | undefined;
  /** Only packets with this number as 021 or 023, with or without `+`; a `*` at its end stands for any more digits. */
  readonly number: string | undefined;
  readonly measure: FaultMeasure;
  /** Since the start; packets before do not count. */
  readonly fromMs: number;
  readonly untilMs: number | undefined;
  /** Met so often at most. */
  readonly times: number | undefined;
}

export interface Scenario {
  readonly name: string;
  /** One fragment for people. */
  readonly description: string;
  /** The first that is due is met; those behind it do not see that packet. */
  readonly faults: readonly Fault[];
}

/** Login and its answer. */
export function isLogin(operation: number): boolean {
  return operation === 1 || operation === 51;
}

function row(
  side: FaultSide,
  codes: readonly number[],
  options: readonly FaultOption[],
  meaning: string,
  byTime?: 'also by time',
): FaultKindRow {
  return { side, operations: codes, options, meaning, comesByTime: byTime !== undefined };
}
