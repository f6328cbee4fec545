import { describe, expect, it } from 'vitest';
import { loginError, windowRefusedWords } from '../../../src/cli/cimd2/session-errors.ts';

describe('an SMSC that cannot be reached', () => {
  it.each([
    ['tcp://127.0.0.1:9971', /host and port.*smsc start/],
    ['tls://smsc.example:9971', /TLS.*--tls-ca/],
    ['unix:/run/smsc.sock', /the path.*socket/],
    ['serial:/dev/ttyS0?baud=9600', /the device.*dialout/],
  ])('at %s has a hint that fits the kind of address', (address, hint) => {
    const error = loginError({ code: 'PEER_UNREACHABLE', reason: 'No connection to the SMSC: gone.' }, address, 'app');
    expect(error).toMatchObject({ code: 'PEER_UNREACHABLE', exitStatus: 5, hint: expect.stringMatching(hint) });
    expect(error.message).toBe(`The SMSC at ${address} cannot be reached: gone. Nothing was sent.`);
  });

  it('over a serial line that nobody answers on has the speed in its hint', () => {
    const end = { code: 'SESSION_RESPONSE_TIMEOUT', reason: 'Request 1 number 001 was not answered.' } as const;
    expect(loginError(end, 'serial:/dev/ttyS0?baud=9600', 'app')).toMatchObject({
      exitStatus: 5,
      hint: expect.stringContaining('?baud='),
    });
  });
});

it('says which window was refused, and why', () => {
  expect(windowRefusedWords({ window: 8, refusedWith: 105, meaning: 'windowing disabled' })).toBe(
    'The SMSC refused the window of 8 (105, windowing disabled); logging in without one, so requests go one at a time. --window 1 asks for none.',
  );
});
