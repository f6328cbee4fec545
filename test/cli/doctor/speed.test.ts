import { describe, expect, it } from 'vitest';
import { bestRates, type Distances, speedChecks } from '../../../src/cli/doctor/speed.ts';

const near: Distances = {
  turnAroundMs: 5,
  turnAroundBy: 'answers',
  roundTripMs: 200,
  smscWayMs: 0.3,
  ringSize: 255,
  window: 1,
};

describe('the best possible rate, DESIGN section 9', () => {
  it('is min(1/t, size/(R + t)) with the bridge, and 1/(R + t) without', () => {
    expect(bestRates(near)).toMatchObject({ withBridge: 200, limit: 'turn-around' });
    expect(bestRates(near)?.without).toBeCloseTo(1_000 / 205);
    // The example of the design: 255 slots and 200 ms carry 1,275 messages a second.
    const quick = bestRates({ ...near, turnAroundMs: 0.05 });
    expect(quick?.limit).toBe('ring');
    expect(quick?.withBridge).toBeCloseTo(1_275, -1);
  });

  it('grows with the window of the session', () => {
    expect(bestRates({ ...near, window: 4 })?.withBridge).toBe(800);
  });

  it('is not reckoned where one of both is not known', () => {
    expect(bestRates({ ...near, roundTripMs: undefined })).toBeUndefined();
    expect(speedChecks({ ...near, roundTripMs: undefined })).toEqual([
      { name: 'speed', result: 'skipped', text: 'not reckoned: the IM server could not be measured' },
    ]);
  });
});

describe('the advice where the buffer should stand', () => {
  const place = (distances: Distances) => speedChecks(distances).find(({ name }) => name === 'place');

  it('is to leave it where the SMSC is near', () => {
    expect(place(near)).toMatchObject({ result: 'passed', text: expect.stringContaining('stands well') });
  });

  it('is to move it where every message pays a long way to the SMSC', () => {
    const far = place({ ...near, turnAroundMs: 85, smscWayMs: 80, roundTripMs: 1 });
    expect(far).toMatchObject({ result: 'failed' });
    expect(far?.remedy).toMatch(/next to the SMSC: up to 200 messages\/s instead of 12 messages\/s/);
  });

  it('is to leave it where the SMSC itself takes the time', () => {
    expect(place({ ...near, turnAroundMs: 500, smscWayMs: 20 })).toMatchObject({ result: 'passed' });
  });

  it('is to leave it where both are near, even if nothing but the way was measured', () => {
    const both = { ...near, turnAroundMs: 1.2, turnAroundBy: 'way', smscWayMs: 1.2, roundTripMs: 0.4 } as const;
    expect(place(both)).toMatchObject({ result: 'passed' });
  });

  it('is none where the way was not measured', () => {
    expect(place({ ...near, smscWayMs: undefined })).toMatchObject({ result: 'skipped' });
  });

  it('names what was measured where that was only the way to the SMSC', () => {
    expect(speedChecks({ ...near, turnAroundBy: 'way' })[0]?.text).toContain('(only the way to the SMSC)');
  });
});
