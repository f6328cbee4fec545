/** Message indications of a header: kind, count, and what is not one. */
import { describe, expect, it } from 'vitest';
import { readSpecialIndications } from '../../../src/core/codec/special-indication.ts';
import { parseUserDataHeader } from '../../../src/core/codec/user-data-header.ts';
import { bytesOf } from './vectors.ts';

function read(hex: string): ReturnType<typeof readSpecialIndications> {
  const header = parseUserDataHeader(bytesOf(hex));
  if (!header.ok) throw new Error(header.fault.message);
  return readSpecialIndications(header.value.others);
}

describe('special message indications (TS 23.040, 9.2.3.24.2)', () => {
  it.each([
    { hex: '0401020003', kind: 'voice-mail', state: 'active', text: 'discard', count: 3, profile: 1 },
    { hex: '0401028100', kind: 'fax', state: 'inactive', text: 'store', count: 0, profile: 1 },
    { hex: '040102A2FF', kind: 'e-mail', state: 'active', text: 'store', count: 255, profile: 2 },
    { hex: '0401020301', kind: 'other', state: 'active', text: 'discard', count: 1, profile: 1 },
    { hex: '0401026701', kind: 'video', state: 'active', text: 'discard', count: 1, profile: 4 },
    { hex: '0401021F01', kind: 'other', state: 'active', text: 'discard', count: 1, profile: 1 },
  ])('reads $hex as $kind, $count waiting', ({ hex, ...indication }) => {
    expect(read(hex)).toEqual([indication]);
  });

  it('reads several, in order, and looks at nothing else', () => {
    expect(read('0C0102000104020A0B01028102').map(({ kind, count }) => [kind, count])).toEqual([
      ['voice-mail', 1],
      ['fax', 2],
    ]);
    expect(read('03010100')).toEqual([]);
  });
});
