/** What a comparison means by sequence number. DESIGN section 4. */
import { describe, expect, it } from 'vitest';
import { compareLane } from '../../../src/core/sync/compare.ts';
import { comparedFields, isFateUnknown, numbersNowhere } from '../../../src/core/sync/listing.ts';
import { copyWith, digestWith, inStep, producerWith } from './lane-ends.ts';

const fieldsOf = (outputs: ReturnType<typeof inStep>, event: string) =>
  outputs.find((output) => output.type === 'log' && output.event === event);

describe('numbers in the log', () => {
  it('lists what differs, by verdict, and nothing of what is equal', () => {
    const mine = digestWith([copyWith(4, 'placed'), copyWith(5, 'placed'), copyWith(6, 'placed')]);
    const theirs = digestWith([copyWith(4, 'mirrored'), copyWith(5, 'placed')]);
    const plan = compareLane(mine, theirs);
    if (plan.verdict !== 'compared') return expect.unreachable();
    expect(comparedFields(plan.slots)).toEqual({
      equal: 1,
      'lost-status': 1,
      'lost-forward': 1,
      numbers: 'lost-status 4; lost-forward 6',
    });
    const agreed = compareLane(mine, mine);
    if (agreed.verdict !== 'compared') return expect.unreachable();
    expect(comparedFields(agreed.slots)).toEqual({ equal: 3 });
  });

  it('lists what another mirror lacks, and what the one before may have handed over', () => {
    const producer = producerWith({
      copies: [
        copyWith(1, 'placed'),
        copyWith(2, 'placed', { isOffered: true }),
        copyWith(3, 'in-flight', { attempts: 1 }),
      ],
    });
    expect(fieldsOf(inStep(producer, digestWith([]), 'another store'), 'sync.new-mirror')).toMatchObject({
      fields: { placed: '1–3', unknown: '2, 3' },
    });
    producer.linkDown();
    expect(fieldsOf(inStep(producer, digestWith([]), 'another store'), 'sync.new-mirror')).toBeUndefined();
  });

  it('lists what a producer that lost its store takes over, and what nobody holds any more', () => {
    const theirs = digestWith([copyWith(4, 'mirrored'), copyWith(6, 'settled')]);
    const said = fieldsOf(inStep(producerWith(undefined), theirs), 'sync.producer-lost');
    expect(said).toMatchObject({ fields: { unfinished: '4', nowhere: '5', unknownAbove: 6 } });
  });

  it('lists what a producer that went back cannot know', () => {
    const copies = [copyWith(1, 'placed'), copyWith(2, 'mirrored'), copyWith(3, 'settled')];
    const producer = producerWith({ copies }, { hasBeenAt: () => false });
    const seen = { producerSeen: { run: 'b'.repeat(32), count: 9 } };
    const said = fieldsOf(inStep(producer, digestWith([], seen)), 'sync.producer-went-back');
    expect(said).toMatchObject({ fields: { unknown: '1, 2' } });
  });
});

describe('numbers that neither end holds', () => {
  it('leaves out those that were skipped: their slot had an older message that had not ended', () => {
    const states = [copyWith(2, 'in-doubt', { attempts: 1 }), copyWith(4, 'settled'), copyWith(6, 'mirrored')];
    expect(numbersNowhere(digestWith(states))).toEqual([]);
    expect(numbersNowhere(digestWith([copyWith(2, 'settled'), copyWith(7, 'mirrored')]))).toEqual([5, 6]);
    expect(numbersNowhere(digestWith([]))).toEqual([]);
  });
});

it.each([
  ['placed', false, 'same', false],
  ['placed', true, 'same', false],
  ['placed', false, 'new', false],
  ['placed', true, 'new', true],
  ['mirrored', true, 'same', true],
] as const)(
  'of a message that is %s (offered: %s) and missing in the %s mirror the fate is unknown: %s',
  (...given) => {
    const [status, isOffered, mirror, isUnknown] = given;
    expect(isFateUnknown({ status, isOffered }, mirror)).toBe(isUnknown);
  },
);
