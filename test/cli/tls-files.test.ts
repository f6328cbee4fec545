import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClientTls, readListenerTls, readServerTls, readTrustedCertificates } from '../../src/cli/tls-files.ts';
import { makeCertificate } from '../shell/processes/certificate.ts';

const own = makeCertificate();
const other = makeCertificate();
let dir = '';
const at = (name: string): string => join(dir, name);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringbridge-tls-'));
  await writeFile(at('im.crt'), own.cert);
  await writeFile(at('im.key'), own.key);
  await writeFile(at('other.key'), other.key);
  await writeFile(at('both.crt'), `# of two years\n${own.cert}${other.cert}`);
  await writeFile(at('broken.crt'), `${own.cert}${other.cert.replace(/MI/, 'AA')}`);
  await writeFile(at('empty'), '');
});
afterAll(() => rm(dir, { recursive: true }));

describe('readServerTls()', () => {
  it('gives certificate and key that belong together, and nothing where neither is given', async () => {
    expect(await readServerTls(at('im.crt'), at('im.key'))).toEqual(own);
    expect(await readServerTls(undefined, undefined)).toBeUndefined();
  });

  it.each([
    ['im.crt', undefined, 'CONFIG_MISSING', '--tls-key is missing'],
    [undefined, 'im.key', 'CONFIG_MISSING', '--tls-cert is missing'],
    ['nothing', 'im.key', 'CONFIG_UNREADABLE', 'nothing (--tls-cert) cannot be read (ENOENT)'],
    ['im.crt', 'nothing', 'CONFIG_UNREADABLE', 'nothing (--tls-key) cannot be read (ENOENT)'],
    ['im.key', 'im.crt', 'CONFIG_BAD_VALUE', 'im.key (--tls-cert) does not hold a certificate'],
    ['im.crt', 'empty', 'CONFIG_BAD_VALUE', 'empty (--tls-key) does not hold a private key'],
    ['im.crt', 'other.key', 'CONFIG_BAD_VALUE', 'is not that of the certificate'],
  ])('refuses %s with %s and says which file is wrong', async (cert, key, code, text) => {
    const read = readServerTls(cert && at(cert), key && at(key));
    await expect(read).rejects.toMatchObject({ code, message: expect.stringContaining(text), exitStatus: 2 });
  });
});

describe('readTrustedCertificates()', () => {
  it('takes several certificates with words around them', async () => {
    expect(await readTrustedCertificates(at('both.crt'), '--tls-ca')).toContain(other.cert);
  });

  it.each([
    ['empty', 'CONFIG_BAD_VALUE', 'empty (--tls-ca) does not hold a certificate'],
    ['broken.crt', 'CONFIG_BAD_VALUE', 'broken.crt (--tls-ca) does not hold a certificate'],
    ['nothing', 'CONFIG_UNREADABLE', 'nothing (--tls-ca) cannot be read (ENOENT)'],
  ])('refuses %s, which would make every certificate a stranger', async (name, code, text) => {
    const read = readTrustedCertificates(at(name), '--tls-ca');
    await expect(read).rejects.toMatchObject({ code, message: expect.stringContaining(text), exitStatus: 2 });
  });
});

describe('readClientTls()', () => {
  const named = (ca?: string, cert?: string, key?: string) => ({
    ca: { file: ca, flag: '--smsc-ca' },
    cert: { file: cert, flag: '--smsc-cert' },
    key: { file: key, flag: '--smsc-key' },
  });

  it('gives what there is', async () => {
    expect(await readClientTls(named())).toEqual({});
    expect(await readClientTls(named(at('im.crt')))).toEqual({ ca: own.cert });
    expect(await readClientTls(named(at('im.crt'), at('im.crt'), at('im.key')))).toEqual({ ca: own.cert, ...own });
  });

  it('names the flag that is missing or wrong', async () => {
    const missing = readClientTls(named(undefined, at('im.crt')));
    await expect(missing).rejects.toMatchObject({ code: 'CONFIG_MISSING', message: '--smsc-key is missing.' });
    const wrong = readClientTls(named(undefined, at('im.crt'), at('other.key')));
    await expect(wrong).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: expect.stringContaining('other.key (--smsc-key)'),
    });
  });
});

describe('readListenerTls()', () => {
  const flags = (cert?: string, key?: string, ca?: string) => ({ 'tls-cert': cert, 'tls-key': key, 'client-ca': ca });

  it('gives what tls:// shows, and what it demands of clients', async () => {
    const [cert, key] = [at('im.crt'), at('im.key')];
    expect(await readListenerTls({ type: 'tls' }, flags(cert, key))).toEqual({ ...own, clients: 'anybody' });
    const demanding = await readListenerTls({ type: 'tls' }, flags(cert, key, at('both.crt')));
    expect(demanding).toMatchObject({ ...own, clients: 'required', ca: expect.stringContaining(other.cert) });
    expect(await readListenerTls({ type: 'tcp' }, flags())).toBeUndefined();
  });

  it('refuses tls:// without a certificate, and a certificate without tls://', async () => {
    await expect(readListenerTls({ type: 'tls' }, flags())).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
    for (const type of ['tcp', 'unix', 'serial']) {
      const given = readListenerTls({ type }, flags(at('im.crt'), at('im.key')));
      await expect(given).rejects.toMatchObject({ code: 'CONFIG_BAD_VALUE' });
    }
  });
});
