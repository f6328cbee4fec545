/**
 * A packet spelled out so that it can be read back: as `--show-packets` prints it, but with passwords, since who encodes
 * needs the bytes, and with `<3C>` where a `<` of a text would read as the beginning of an escape.
 */
import { toLatin1 } from '../../core/base/bytes.ts';

const names: Readonly<Record<string, string>> = {
  '\x02': '<STX>',
  '\x03': '<ETX>',
  '\t': '<TAB>',
  '\n': '<LF>',
  '\r': '<CR>',
};

export function spellOut(bytes: Uint8Array): string {
  return toLatin1(bytes).replace(
    /[^\x20-\x7e]|<(?=(?:STX|ETX|TAB|LF|CR|[0-9A-Fa-f]{2})>)/g,
    (character) => names[character] ?? `<${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`,
  );
}
