import { describe, expect, it } from 'vitest';
import { guardedLookup, parseTarget } from '../../../src/gateways/http/webhook-target.ts';

describe('the target of a webhook', () => {
  it.each([
    ['https://hooks.example.org/x', 'public'],
    ['https://93.184.216.34/', 'public'],
    ['https://[2606:2800:220:1::]/', 'public'],
    ['http://127.0.0.1:8080/', 'this-machine'],
    ['http://localhost:8080/', 'this-machine'],
    ['http://[::1]/', 'this-machine'],
    ['http://10.0.0.7/', 'any'],
  ] as const)('may be %s where the reach is %s', (url, reach) => {
    expect(parseTarget(url, reach).ok).toBe(true);
  });

  it.each([
    ['http://hooks.example.org/', 'public'],
    ['http://hooks.example.org/', 'this-machine'],
    ['https://127.0.0.1/', 'public'],
    ['https://localhost/', 'public'],
    ['https://127.1/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://[::ffff:127.0.0.1]/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'this-machine'],
    ['https://10.1.2.3/', 'this-machine'],
    ['https://172.31.0.1/', 'public'],
    ['https://192.168.1.1/', 'public'],
    ['https://169.254.169.254/latest/meta-data/', 'this-machine'],
    ['https://100.64.0.1/', 'public'],
    ['https://0.0.0.0/', 'this-machine'],
    ['https://[fd00::1]/', 'public'],
    ['https://[fe80::1]/', 'public'],
    ['https://user:secret@hooks.example.org/', 'any'],
    ['ftp://hooks.example.org/', 'any'],
    ['file:///etc/passwd', 'any'],
    ['hooks.example.org', 'any'],
    [`https://hooks.example.org/${'x'.repeat(3_000)}`, 'any'],
  ] as const)('may not be %.60s where the reach is %s', (url, reach) => {
    expect(parseTarget(url, reach)).toMatchObject({ ok: false, fault: { code: 'IM_WEBHOOK_TARGET' } });
  });

  it('is looked at again in what its name resolves to', async () => {
    const resolve = (reach: 'public' | 'this-machine') =>
      new Promise((done) => guardedLookup(reach)('localhost', { all: true }, (error, found) => done(error ?? found)));
    expect(await resolve('public')).toBeInstanceOf(Error);
    expect(await resolve('this-machine')).toEqual(expect.arrayContaining([expect.objectContaining({ family: 4 })]));
  });
});
