import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spellPacket } from '../../../src/cli/cimd2/packet-text.ts';
import { spellOut, unspell } from '../../../src/cli/cimd2/spelled-bytes.ts';
import { fromLatin1, toHex } from '../../../src/core/base/bytes.ts';

describe('spelling out', () => {
  it('reads back as the same bytes, whatever they are', () => {
    const escapes = fc.constantFrom(...['<STX>', '<41>', '<3C>', '<A3>', '<', '>', '<<STX>>'].map(fromLatin1));
    fc.assert(
      fc.property(fc.array(fc.oneof(escapes, fc.uint8Array())), (parts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(toHex(unspell(spellOut(bytes), 'angle'))).toBe(toHex(bytes));
      }),
    );
  });
});

describe('a packet as it is shown', () => {
  it('tells an escape that somebody wrote from one of its own', () => {
    const packet = fromLatin1('\x0203:003\t033:<AB> \xab <TAB> a<b>\t\x03');
    expect(spellPacket(packet)).toBe('<STX>03:003<TAB>033:<3C>AB> <AB> <3C>TAB> a<b><TAB><ETX>');
    expect(toHex(unspell(spellPacket(packet), 'angle'))).toBe(toHex(packet));
  });

  it('never shows a password (011), whatever is in it', () => {
    expect(spellPacket(fromLatin1('\x0201:001\t010:app\t011:se<AB>\ncret\t\x03'))).toBe(
      '<STX>01:001<TAB>010:app<TAB>011:********<TAB><ETX>',
    );
  });
});
