import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';

type Parameters = readonly [number, string][];
const submit: Parameters = [
  [21, '1'],
  [33, 'hello'],
];

/** The answer to one submit, and what its handset has. */
function send(rules: 'strict' | 'lenient', parameters: Parameters) {
  const world = new World({ rules });
  const application = world.bound();
  application.send(3, parameters);
  const [answer = ''] = application.take();
  const [item] = world.smsc.handset('1')?.inbox ?? [];
  const mended = world.eventsOf('mended').flatMap(({ what }) => what);
  return { code: /900:(\d+)/.exec(answer)?.[1], item, mended };
}

describe('a strict SMSC refuses, and a lenient one mends and says so', () => {
  const cases: readonly [string, Parameters, string, string, string][] = [
    ['an unknown parameter (1.7)', [...submit, [999, 'x']], '3', '2882', '999 left out: unknown here'],
    ['one of another operation (1.7)', [...submit, [68, '1']], '3', '2882', '068 left out: unknown here'],
    ['one that is there twice (1.7)', [...submit, [33, 'y']], '2', '2882', '033 left out: it was there before'],
    ['two senders (3.3)', [...submit, [23, '7'], [27, 'Shop']], '321', 'Shop', '023 left out: excluded by another'],
    [
      'two validities (2.4)',
      [...submit, [50, '1'], [51, '270101000000']],
      '305',
      '2882',
      '051 left out: excluded by another',
    ],
    ['unknown report bits (8.1)', [...submit, [56, '190']], '310', '2882', '056 changed to fit'],
    [
      'a sender that is too long (3.1)',
      [...submit, [27, 'A name too long']],
      '322',
      'A name too ',
      '027 changed to fit',
    ],
    ['a priority out of range (3.2)', [...submit, [67, '0']], '312', '2882', '067 left out: outside 1 to 9'],
    ['junk in the sender (3.1)', [...submit, [23, '(0) 7']], '306', '288207', '023 changed to fit'],
  ];
  for (const [what, parameters, errorCode, from, mended] of cases) {
    it(what, () => {
      expect(send('strict', parameters)).toEqual({ code: errorCode, item: undefined, mended: [] });
      expect(send('lenient', parameters)).toMatchObject({
        ...{ code: undefined, mended: [mended] },
        item: { from, text: 'hello' },
      });
    });
  }

  it('a whole number as sender, which Kannel sends (11.1)', () => {
    const parameters: Parameters = [...submit, [23, '+4412345']];
    expect(send('strict', parameters).code).toBe('306');
    expect(send('lenient', parameters).item).toMatchObject({ from: '+4412345' });
  });

  it('text that cannot be read or does not fit (7.5, 7.8)', () => {
    for (const [text, shown] of [
      ['a_zz', 'a_zz'],
      ['x'.repeat(161), 'x'.repeat(161)],
    ] as const) {
      const parameters: Parameters = [
        [21, '1'],
        [33, text],
      ];
      expect(send('strict', parameters).code).toBe('302');
      expect(send('lenient', parameters).item?.text).toBe(shown);
    }
  });

  it('both kinds of user data: the one that 030 asks for stays (7.6)', () => {
    const both: Parameters = [
      [21, '1'],
      [33, 'text'],
      [34, '0061'],
    ];
    expect(send('strict', both).code).toBe('303');
    expect(send('lenient', both).item?.text).toBe('text');
    expect(send('lenient', [...both, [30, '8']]).item?.text).toBe('a');
  });

  it('half an octet of data (7.7)', () => {
    const parameters: Parameters = [
      [21, '1'],
      [30, '4'],
      [34, 'AB1'],
    ];
    expect(send('strict', parameters).code).toBe('302');
    expect(send('lenient', parameters).item?.text).toBe('AB10');
  });
});

describe('both', () => {
  for (const rules of ['strict', 'lenient'] as const) {
    it(`take hyphens, an empty 023, leading zeros and text as octets (${rules}; 1.7, 3.1, 7.7)`, () => {
      const world = new World({ rules });
      const application = world.bound();
      application.send(3, [
        [21, '+6391-7'],
        [23, ''],
        [30, '0'],
        [34, 'e8329bfd06'],
        [64, '00'],
      ]);
      expect(application.take()).toEqual(['53:003 021:+6391-7 060:260131235959']);
      expect(world.smsc.handset('63917')?.inbox).toMatchObject([{ text: 'hello', from: '2882' }]);
      expect(world.eventsOf('mended')).toEqual([]);
    });

    it(`refuse what cannot be mended (${rules}; 9)`, () => {
      expect(send(rules, [[33, 'x']]).code).toBe('301');
      expect(send(rules, [[21, '1']]).code).toBe('302');
      expect(send(rules, [...submit, [53, '10'], [50, '1']]).code).toBe('305');
    });
  }

  it('say why a submit was refused, with the section (9)', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, [...submit, [67, '0']]);
    const reason = 'Parameter 067 (priority): outside 1 to 9. (section 3.2)';
    expect(world.eventsOf('submitted')).toMatchObject([{ errorCode: 312, reason }]);
    const logged = world.outputs.find((output) => output.type === 'log' && output.event === 'smsc.submit-refused');
    expect(logged).toMatchObject({ fields: { errorCode: 312, section: '3.2' } });
  });
});
