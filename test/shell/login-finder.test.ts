import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toLatin1 } from '../../src/core/base/bytes.ts';
import { LoginFinder } from '../../src/shell/login-finder.ts';

const login = '\x0201:001\t010:app\t011:x\tC4\x03';
const submit = '\x0203:003\t021:123\t033:01:\t\x03';

/** What is found, joined: | before each login. */
function find(chunks: readonly string[]): string {
  const finder = new LoginFinder();
  return chunks
    .flatMap((chunk) => finder.push(fromLatin1(chunk)))
    .map((found) => (found.type === 'login' ? '|' : toLatin1(found.bytes)))
    .join('');
}

describe('LoginFinder', () => {
  it.each([
    ['a login first', login, `|${login}`],
    ['a login behind other packets', submit + login + submit, `${submit}|${login}${submit}`],
    ['two logins in one chunk', login + login, `|${login}|${login}`],
    ['noise, and a packet that was cut', `xx\x0203:0${login}`, `xx\x0203:0|${login}`],
    [
      'no login in 01: without STX, nor in other operations',
      `01:${submit}\x0251:001\t\x03`,
      `01:${submit}\x0251:001\t\x03`,
    ],
    ['two STX in a row', `\x02${login}`, `\x02|${login}`],
  ])('finds %s', (_what, bytes, found) => {
    expect(find([bytes])).toBe(found);
  });

  it('finds the same however the bytes are cut into chunks', () => {
    const pieces = fc.constantFrom(login, submit, '\x02', '\x020', '\x0201', '01:', '\x0240:005\t\x03', 'noise');
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (parts, sizes) => {
          // Behind it, so that nothing is kept back as a possible begin.
          const bytes = `${parts.join('')}.`;
          const chunks: string[] = [];
          for (let at = 0; at < bytes.length; ) {
            const { value = 1 } = sizes.next();
            chunks.push(bytes.slice(at, at + value));
            at += value;
          }
          expect(find(chunks)).toBe(find([bytes]));
          expect(find(chunks).replaceAll('|', '')).toBe(bytes);
        },
      ),
    );
  });
});
