import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { checkLines, failed, passed, skipped, summaryLine } from '../../../src/cli/doctor/check.ts';
import { clockChecks } from '../../../src/cli/doctor/machine-checks.ts';
import { expiryCheck } from '../../../src/cli/doctor/peer-checks.ts';
import { type ConfigSaid, targetsOf } from '../../../src/cli/doctor/targets.ts';
import { bufferStatus, link, now } from '../status/sample-status.ts';

const days = (count: number) => count * 86_400_000;
const running = (changes = {}) => ({ state: 'running', stateDir: 'hel1', status: bufferStatus(changes) }) as const;

describe('the lines of doctor', () => {
  it('carry a mark each, and a remedy where one helps', () => {
    const checks = [passed('disk', 'much'), failed('lock', 'held', 'let go'), skipped('login', 'not tried')];
    expect(checkLines(checks, plainPainter)).toEqual([
      '✔ disk    much',
      '✘ lock    held',
      '          → let go',
      '– login   not tried',
    ]);
    expect(summaryLine(checks)).toBe('1 of 3 checks failed, 1 skipped');
    expect(summaryLine([passed('disk', 'much')])).toBe('nothing is wrong: 1 check passed');
  });
});

describe('the check of a certificate', () => {
  const shown = { subject: 'CN=im', validFrom: now - days(30), validUntil: now + days(60), problem: undefined };

  it.each([
    ['passes one that is valid for long', {}, 'passed', /valid until \d{4}-\d\d-\d\d, 60 d/],
    ['fails one that ends within two weeks', { validUntil: now + days(13) }, 'failed', /13 d from now/],
    ['fails one that has ended', { validUntil: now - 1 }, 'failed', /has expired on/],
    ['fails one that is not valid yet', { validFrom: now + 1 }, 'failed', /not valid yet/],
  ])('%s', (_, changes, result, text) => {
    const check = expiryCheck('im.example.org:443', { ...shown, ...changes }, now);
    expect(check.result).toBe(result);
    expect(check.text).toMatch(text);
  });
});

describe('the check of the clocks', () => {
  it('fails beyond some seconds, and is skipped where nothing was measured', () => {
    expect(clockChecks([running()])).toMatchObject([{ result: 'passed' }]);
    const late = link({ skew: { aheadMs: -7_000, uncertainMs: 10 } });
    expect(clockChecks([running({ link: late })])).toMatchObject([
      { result: 'failed', remedy: expect.stringContaining('NTP') },
    ]);
    expect(clockChecks([running({ link: link({ skew: undefined }) })])).toMatchObject([{ result: 'skipped' }]);
  });
});

describe('what doctor looks at', () => {
  const given = { smsc: undefined, 'im-server': undefined, user: undefined, 'tls-ca': undefined, stateDirs: [] };
  const config: ConfigSaid = {
    role: 'buffer',
    values: {
      smsc: 'tcp://10.0.0.1:9971',
      'im-server': 'wss://b/link',
      user: 'app',
      'password-file': 'secret',
      window: 4,
    },
  };

  it('is what was given, then what a config file names, then what a running role says', () => {
    const asked = [running()];
    expect(targetsOf(given, [], asked)).toMatchObject({
      ...{ smsc: 'tcp://127.0.0.1:9971', imServer: 'wss://im.example.org/link', ringSize: 255, window: 1 },
    });
    expect(targetsOf(given, [config], asked)).toMatchObject({
      ...{ smsc: 'tcp://10.0.0.1:9971', imServer: 'wss://b/link', account: { user: 'app', password: 'secret' } },
    });
    expect(targetsOf({ ...given, smsc: 'unix:/x' }, [config], asked)).toMatchObject({ smsc: 'unix:/x' });
    expect(targetsOf(given, [config], [])).toMatchObject({ window: 4 });
  });
});
