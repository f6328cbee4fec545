/**
 * Which parameter stands in which packet, and what the reference answers where it is wrong: written by hand from
 * docs/reference/cimd2.md sections 2.2 to 2.10, 6.3 and 9, never from the tables of the program, which this is to judge.
 */

/** `['021', '1']`: a parameter and a value that is right. */
export type Beside = readonly [code: number, value: string];

export interface Use {
  readonly parameter: number;
  /** Of docs/reference/cimd2.md. */
  readonly section: string;
  /** 900 where the value is wrong. */
  readonly wrong: number;
  /** 900 where it is not there; `taken` where it need not be. */
  readonly absent: number | 'taken';
  readonly repeated: 2 | 'taken';
  /** What else the packet carries, so that this parameter alone decides. */
  readonly beside: readonly Beside[];
}

export interface Request {
  readonly operation: number;
  /** A packet with nothing wrong. */
  readonly right: readonly Beside[];
  readonly uses: readonly Use[];
  /** 900 for a parameter that the operation does not carry; `ignored`, unless the strict switch is on. 1.7, 2.8. */
  readonly others: 3 | 'ignored';
}

/** 1.7: any other duplicate is a syntax error. */
const once = 2;

const to: Beside = [21, '358401234567'];
const from: Beside = [23, '2882'];
const text: Beside = [33, 'hello'];
const stamp: Beside = [60, '260131235959'];

/** What the application asks, and the SMSC judges. */
export const applicationRequests: readonly Request[] = [
  {
    operation: 1,
    right: [
      [10, 'user'],
      [11, 'pass'],
    ],
    uses: [
      use(10, '6.3', 100, 100, [[11, 'pass']]),
      use(11, '6.3', 100, 100, [[10, 'user']]),
      use(12, '6.3', 107, 'taken', [
        [10, 'user'],
        [11, 'pass'],
      ]),
      use(19, '5.1', 104, 'taken', [
        [10, 'user'],
        [11, 'pass'],
      ]),
    ],
    others: 'ignored',
  },
  { operation: 2, right: [], uses: [], others: 'ignored' },
  {
    operation: 3,
    right: [to, text],
    uses: [
      // 9: 300 for a wrong one, 301 for their number, "also: none". 1.7: may repeat.
      { ...use(21, '2.4', 300, 301, [text]), repeated: 'taken' },
      optional(23, 306),
      // 3.3: bad content is 322.
      optional(27, 322),
      optional(30, 304),
      // The longest header leaves room for no text.
      { ...optional(32, 302), beside: [to, [33, '']] },
      // 2.4: 302 if there is nothing.
      use(33, '2.4', 302, 302, [to]),
      use(34, '2.4', 302, 302, [to, [30, '4']]),
      optional(44, 318),
      optional(50, 305),
      optional(51, 305),
      optional(52, 307),
      optional(53, 308),
      optional(54, 308),
      optional(55, 309),
      optional(56, 310),
      optional(58, 311),
      optional(64, 313),
      optional(65, 314),
      optional(67, 312),
    ],
    others: 'ignored',
  },
  {
    operation: 4,
    right: [to, stamp],
    uses: [use(21, '2.5', 400, 400, [stamp]), use(60, '2.5', 401, 401, [to])],
    others: 'ignored',
  },
  { operation: 5, right: [], uses: [use(68, '2.6', 501, 'taken', [])], others: 'ignored' },
  {
    operation: 6,
    right: [[59, '1']],
    uses: [
      // Its values ask for different company, which is put beside each of them in `cases.ts`.
      use(59, '2.7', 602, 602, []),
      use(21, '2.7', 601, 601, [[59, '0']]),
      use(60, '2.7', 600, 600, [[59, '2'], to]),
    ],
    others: 'ignored',
  },
  { operation: 8, right: [[11, 'new']], uses: [use(11, '2.8', 800, 800, [])], others: 3 },
  { operation: 9, right: [[500, '501']], uses: [use(500, '2.8', 900, 900, [])], others: 'ignored' },
  { operation: 40, right: [], uses: [], others: 'ignored' },
];

/** What the SMSC sends, and the application judges: nothing is answered to it, so `wrong` and `absent` only say that. */
export interface Arrival {
  readonly operation: number;
  /** For an answer: which of its two shapes. */
  readonly shape: 'request' | 'positive' | 'negative';
  readonly right: readonly Beside[];
  readonly uses: readonly {
    readonly parameter: number;
    readonly isMandatory: boolean;
    readonly mayRepeat: boolean;
    /** What is found fault with instead where it is not there. */
    readonly withoutIt?: readonly number[];
  }[];
}

const reportOnly = (operation: number): readonly Arrival[] => [
  { operation, shape: 'positive', right: [], uses: [] },
  negative(operation, 'single', []),
];

export const smscPackets: readonly Arrival[] = [
  {
    operation: 20,
    shape: 'request',
    right: [to, from, stamp, text],
    // 2.9; user data is conditional: 033 here.
    uses: [must(21), must(23), must(60), may(32), must(33), may(52), may(30), may(26), may(28), may(69)],
  },
  {
    operation: 20,
    shape: 'request',
    right: [to, from, stamp, [30, '4'], [34, '00']],
    uses: [must(34)],
  },
  {
    operation: 23,
    shape: 'request',
    right: [to, stamp, [61, '4'], [63, '260131235959']],
    // 2.10; 033 is accepted, as Kannel does.
    uses: [must(21), must(60), must(61), must(63), may(62), may(23), may(33)],
  },
  ...reportOnly(51),
  ...reportOnly(52),
  {
    operation: 53,
    shape: 'positive',
    right: [to, stamp],
    uses: [
      { parameter: 21, isMandatory: true, mayRepeat: true },
      { parameter: 60, isMandatory: true, mayRepeat: true },
    ],
  },
  negative(53, 'many', [21, 60]),
  {
    operation: 54,
    shape: 'positive',
    right: [to, stamp, [61, '4'], [63, '260131235959']],
    uses: [must(21), must(60), must(61), may(62), must(63)],
  },
  negative(54, 'single', [21, 60, 61, 63]),
  // 2.6: 066 for mode 0, nothing for 1 and 2.
  { operation: 55, shape: 'positive', right: [], uses: [may(66)] },
  negative(55, 'single', []),
  ...reportOnly(56),
  ...reportOnly(58),
  { operation: 59, shape: 'positive', right: [[501, '260131235959']], uses: [must(501)] },
  negative(59, 'single', [501]),
  ...reportOnly(90),
  // 2.3: without 900 it would be no error.
  { operation: 98, shape: 'negative', right: [[900, '1']], uses: [must(900), may(901)] },
  { operation: 99, shape: 'positive', right: [], uses: [] },
];

/** What the application answers, and the SMSC judges. */
export const applicationAnswers: readonly Arrival[] = [
  // 2.9: normally empty; may carry 900.
  ...reportOnly(70),
  // 2.10: never has parameters.
  { operation: 73, shape: 'positive', right: [], uses: [] },
];

/** @param positive what is missing where there is no 900: then it is a positive answer */
function negative(operation: number, codes: 'single' | 'many', positive: readonly number[]): Arrival {
  const mayRepeat = codes === 'many';
  return {
    operation,
    shape: 'negative',
    right: [[900, '6']],
    uses: [
      { parameter: 900, isMandatory: positive.length > 0, mayRepeat, withoutIt: positive },
      { parameter: 901, isMandatory: false, mayRepeat },
    ],
  };
}

function use(
  parameter: number,
  section: string,
  wrong: number,
  absent: number | 'taken',
  beside: readonly Beside[],
): Use {
  return { parameter, section, wrong, absent, repeated: once, beside };
}

/** In a submit. */
function optional(parameter: number, wrong: number): Use {
  return use(parameter, '9', wrong, 'taken', [to, text]);
}

function must(parameter: number): {
  readonly parameter: number;
  readonly isMandatory: true;
  readonly mayRepeat: false;
} {
  return { parameter, isMandatory: true, mayRepeat: false };
}

function may(parameter: number): {
  readonly parameter: number;
  readonly isMandatory: false;
  readonly mayRepeat: false;
} {
  return { parameter, isMandatory: false, mayRepeat: false };
}
