/** The commands of `cimd2 shell` as people see them: names, how they are typed, what they do. Read by help and completion. */

export interface CommandInfo {
  readonly name: string;
  /** Behind the name. */
  readonly usage: string;
  /** A fragment; says what happens. */
  readonly summary: string;
  /** More lines, for `help NAME`. */
  readonly details: readonly string[];
  readonly examples: readonly string[];
}

export const shellCommands: readonly CommandInfo[] = [
  command('login', '[USER [FILE]]', 'logs in (01), and connects first where nothing is open', {
    details: [
      'Without USER as the command line says. FILE holds the password of USER; without it a terminal asks for it,',
      'and a script takes that of the command line.',
    ],
    examples: ['login', 'login nobody'],
  }),
  command('logout', '', 'logs out (02); the connection stays open', { examples: ['logout'] }),
  command('submit', 'TO TEXT [KEY=VALUE …]', 'submits a text (03), in parts where it is long', {
    details: [
      'TO is a number, or several with commas between. A TEXT with blanks needs quotes.',
      'Keys: from, alphanumeric, coding, national, header, class, flash, dcs, validity, first-delivery, report,',
      'report-bits, priority, reply-path, pid, as the flags of `cimd2 send`; and parameters, as in 058=1.',
    ],
    examples: ['submit +358401234567 "Hello there" validity=2h report=yes', 'submit +358401234567 fire flash=yes'],
  }),
  command('enquire', 'TO STAMP', 'asks what became of a submit (04)', { examples: ['enquire $to $stamp'] }),
  command('cancel', 'TO STAMP | TO | all', 'cancels one submit, all to a number, or all (06)', {
    examples: ['cancel $to $stamp', 'cancel +358401234567'],
  }),
  command('fetch', '[count|one|all]', 'asks for what waits (05); one if nothing is said', { examples: ['fetch all'] }),
  command('set', 'password [FILE]', 'changes the password (08); a terminal asks for it', {
    examples: ['set password new.secret'],
  }),
  command('get', 'time', "asks for the SMSC's local time (09)", { examples: ['get time'] }),
  command('alive', '', 'asks whether the SMSC is there (40)', { examples: ['alive'] }),
  command('packet', 'OPERATION[:NUMBER] [PPP=VALUE …]', 'sends any packet at once, whatever the rules', {
    details: [
      'OPERATION is a code or a name, PPP a code or a name ("help parameters"), VALUE as on the wire; <HH> is a byte.',
      'Without NUMBER the next one. checksum=wrong and checksum=none do what they say. $password is for 011.',
    ],
    examples: ['packet 40', 'packet submit:009 021=+358401234567 033="two words" checksum=wrong'],
  }),
  command('raw', 'HEX', 'sends bytes as they are; also as <STX>40:003<TAB><ETX>', {
    examples: ['raw 02 34 30 3A 30 30 33 09 03'],
  }),
  command('repeat', '', 'sends the last packet again, the same bytes', { examples: ['repeat'] }),
  command('nack', 'NUMBER', 'says which number is expected (99)', { examples: ['nack 002'] }),
  command(
    'answer',
    'auto | hold | error:CODE | NUMBER|all [error:CODE | PPP=VALUE …]',
    'answers delivers and reports',
    {
      details: [
        'auto answers each after it was printed, error:CODE refuses delivers (20), hold leaves them to you:',
        'then NUMBER, that of the packet, or all answers what waits.',
      ],
      examples: ['answer hold', 'answer 000', 'answer 002 error:711', 'answer error:730'],
    },
  ),
  command('expect', 'PATTERN [within TIME]', 'waits for a packet, at most 5s, and fails where it does not come', {
    details: [
      'PATTERN: OPERATION[:NUMBER] and conditions: 900=310 is, 033~Hello holds, 060 is there, !900 is not there.',
      'It takes the first packet that no expect took before, and no answer from before the last expect. Without',
      '"within" it gives up where the request was answered otherwise. "expect nothing": no packet since the last line',
      'that sent one, and none in that time. "expect closed": the SMSC ended the connection.',
    ],
    examples: ['expect 53 !900', 'expect 20 033~Hello within 10s', 'expect nothing within 2s', 'expect closed'],
  }),
  command('wait', 'TIME', 'waits', { examples: ['wait 5s'] }),
  command('connect', '', 'opens the connection without a login', { examples: ['connect'] }),
  command('cut', '', 'closes the connection without a logout', { examples: ['cut'] }),
  command('packets', 'on|off', 'shows packets with all their bytes, or in words', { examples: ['packets off'] }),
  command('save', 'FILE [--with-answers]', 'writes what was typed as a script, with expect lines of what came', {
    examples: ['save cancel.cimd2 --with-answers'],
  }),
  command('source', 'FILE', 'carries out a script', { examples: ['source cancel.cimd2'] }),
  command('help', '[COMMAND|OPERATION|parameters]', 'this list, or more about one thing; also ?', {
    examples: ['help expect', 'help 03', 'help parameters'],
  }),
  command('quit', '', 'logs out and leaves; also Ctrl-D', { examples: ['quit'] }),
];

export function findCommand(name: string): CommandInfo | undefined {
  return shellCommands.find((known) => known.name === name);
}

/** Keys of `submit`, as typed. */
export const submitKeys: readonly string[] = [
  'from',
  'alphanumeric',
  'coding',
  'national',
  'header',
  'class',
  'flash',
  'dcs',
  'validity',
  'first-delivery',
  'report',
  'report-bits',
  'priority',
  'reply-path',
  'pid',
];

function command(
  name: string,
  usage: string,
  summary: string,
  more: { readonly details?: readonly string[]; readonly examples: readonly string[] },
): CommandInfo {
  return { name, usage, summary, details: more.details ?? [], examples: more.examples };
}
