import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';
import { describeProfile, impairProfiles } from '../../src/cli/impair-profiles.ts';
import { formatBandwidth, parseBandwidth } from '../../src/cli/rate.ts';

describe('profiles of link impair', () => {
  it('are told as the flags they stand for', () => {
    expect(impairProfiles.map((profile) => [profile.name, describeProfile(profile)])).toEqual([
      ['satellite', '--delay 280ms --jitter 10ms --bandwidth 1Mbit/s --queue 256KiB'],
      [
        'bad-lte',
        '--delay 80ms --jitter 60ms --bandwidth 512kbit/s --queue 256KiB --cut-every 20s --cut-for 3s --cut-mode stall',
      ],
      ['congested', '--delay 40ms --jitter 30ms --bandwidth 64kbit/s --queue 64KiB'],
      ['outage', '--delay 50ms --jitter 10ms --cut-every 90s --cut-for 30s --cut-mode reset'],
    ]);
  });

  it('leave a link between two cuts', () => {
    for (const { cutEveryMs, cutForMs } of impairProfiles) {
      if (cutEveryMs !== undefined) expect(2 * cutForMs).toBeLessThanOrEqual(cutEveryMs);
    }
  });

  it('are written with durations that can be read', () => {
    for (const profile of impairProfiles) {
      for (const [, text = ''] of describeProfile(profile).matchAll(/--(?:delay|jitter|cut-\w+) (\d\S*)/g)) {
        expect(parseDuration(text).ok).toBe(true);
      }
    }
  });
});

describe('parseBandwidth', () => {
  it.each([
    ['64kbit/s', 64_000],
    ['2 Mbit/s', 2_000_000],
    ['1.5mbit/s', 1_500_000],
    ['100bit/s', 100],
    ['10Gbit/s', 10_000_000_000],
  ])('reads %s, and writes it so that it reads the same', (text, bitsPerSecond) => {
    expect(parseBandwidth(text)).toEqual({ ok: true, value: bitsPerSecond });
    expect(parseBandwidth(formatBandwidth(bitsPerSecond))).toEqual({ ok: true, value: bitsPerSecond });
  });

  it.each(['', '64', '64k', '64kB/s', '64kbit', '99bit/s', '11Gbit/s', '-1kbit/s'])('refuses "%s"', (text) => {
    expect(parseBandwidth(text)).toMatchObject({ ok: false, fault: { code: 'CONFIG_BAD_VALUE' } });
  });
});
