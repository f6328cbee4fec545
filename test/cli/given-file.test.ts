import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGivenFile } from '../../src/cli/given-file.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'given-'));
  writeFileSync(join(dir, 'ten'), '0123456789');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(name: string, limitBytes: number) {
  return readGivenFile({ path: join(dir, name), name: `The thing ${name}`, limitBytes });
}

describe('a file that an operator names', () => {
  it('is read whole up to its limit', async () => {
    expect(new TextDecoder().decode(await read('ten', 10))).toBe('0123456789');
  });

  it('is refused above it, by name', async () => {
    await expect(read('ten', 9)).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: 'The thing ten is larger than 9 bytes.',
    });
  });

  it('is told with the reason where the system refuses it', async () => {
    await expect(read('none', 9)).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: 'The thing none cannot be read (ENOENT).',
    });
    await expect(read('.', 1_000_000)).rejects.toMatchObject({ message: 'The thing . cannot be read (EISDIR).' });
  });
});
