import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { bufferFindings } from '../../../src/cli/status/buffer-findings.ts';
import { verdictLines, verdictOf } from '../../../src/cli/status/findings.ts';
import { imServerFindings } from '../../../src/cli/status/im-server-findings.ts';
import type { BufferStatus, ImServerStatus } from '../../../src/shell/status/role-status.ts';
import { at, bufferStatus, imServerStatus, lane, link, now } from './sample-status.ts';

const linkDown = link({
  state: 'down',
  since: at(11_000),
  code: 'LINK_UNREACHABLE',
  reason: 'connection refused (ECONNREFUSED)',
  failures: 9,
});
const sessionDown = {
  state: 'down',
  since: at(40_000),
  nextAttemptAt: at(-2_000),
  code: 'SESSION_LOGIN_REFUSED',
  reason: 'The SMSC refused the login.',
  refusedWith: 100,
  logins: 0,
  failures: 4,
} as const;
const { disk } = bufferStatus();

describe('the verdict on a buffer', () => {
  it('is well, with nothing to do, where nothing is the matter', () => {
    const verdict = verdictOf(bufferFindings(bufferStatus()));
    expect(verdict).toEqual({ well: true, findings: [] });
    expect(verdictLines(verdict, plainPainter, 120)).toEqual(['well']);
  });

  it.each<[string, Partial<BufferStatus>, string | undefined, RegExp, RegExp]>([
    [
      'a link that is down',
      { link: linkDown },
      'LINK_UNREACHABLE',
      /link to the IM server is down since .*\(11 s\): connection refused/,
      /im-server status/,
    ],
    [
      'another secret',
      { link: link({ state: 'down', code: 'LINK_BAD_SECRET', reason: 'another secret', failures: 3 }) },
      'LINK_BAD_SECRET',
      /another secret/,
      /--secret-file .* --buffer hel1=FILE/,
    ],
    [
      'a session that is refused',
      { session: sessionDown },
      'SESSION_LOGIN_REFUSED',
      /no session .* tcp:\/\/127.0.0.1:9971 .*\(900: 100, invalid login\)/,
      /--user, --password-file/,
    ],
    [
      'an SMSC that is not there',
      {
        session: { ...sessionDown, code: 'PEER_UNREACHABLE', reason: 'No connection to the SMSC: connection refused' },
      },
      'PEER_UNREACHABLE',
      /connection refused/,
      /doctor --smsc/,
    ],
    [
      'a store that was replaced',
      { phase: 'retired' },
      'LINK_STORE_RETIRED',
      /another buffer took over/,
      /sync replay --state-dir/,
    ],
    ['a store that was set back', { isUnsure: true }, 'STORE_WENT_BACK', /set back/, /bring the link up/],
    [
      'a disk that takes nothing',
      { disk: { ...disk, refusingMs: 12_000, commits: { ...disk.commits, failing: 'There is no room.' } } },
      'STORE_FULL',
      /nothing for 12 s: There is no room/,
      /goes on by itself/,
    ],
    [
      'a disk that may not be written',
      { disk: { ...disk, problem: 'EROFS: read-only file system' } },
      'STORE_READ_ONLY',
      /EROFS/,
      /writable/,
    ],
    [
      'a disk with no room left',
      { disk: { ...disk, freeBytes: 5 * 1024 ** 2 } },
      'STORE_FULL',
      /only 5.0 MiB/,
      /make room/,
    ],
    [
      'two ends that differ',
      { mo: lane({ contact: 'held' }) },
      'LINK_EPOCH_CONFLICT',
      /hold different things in mo/,
      /--prefer/,
    ],
    [
      'a link whose latest attempt failed for another reason than it fell',
      {
        link: {
          ...linkDown,
          reason: 'the buffer is being stopped',
          happenings: [
            {
              what: 'failed',
              at: at(5_000),
              lastAt: at(900),
              times: 7,
              code: 'LINK_BAD_SECRET',
              reason: 'another secret',
            },
          ],
        },
      },
      'LINK_BAD_SECRET',
      /another secret/,
      /--secret-file/,
    ],
    [
      'what waits for a decision',
      { inDoubt: 'hold', mt: lane({ used: 2, statuses: { 'in-doubt': 2 } }) },
      undefined,
      /2 messages in doubt wait for your decision/,
      /ring resolve SLOT/,
    ],
    [
      'a full ring with delivers before it',
      { mo: lane({ used: 255, waitingForSlot: 1 }) },
      'RING_FULL',
      /1 deliver of the SMSC/,
      /im-server status/,
    ],
  ])('is not well with %s, and says what to do', (_, changes, code, what, todo) => {
    const { well, findings } = verdictOf(bufferFindings(bufferStatus(changes)));
    expect(well).toBe(false);
    const [first] = findings;
    expect(first).toMatchObject({ weight: 'trouble', ...(code === undefined ? {} : { code }) });
    expect(first?.what).toMatch(what);
    expect(first?.todo).toMatch(todo);
  });

  it.each<[string, Partial<BufferStatus>, RegExp]>([
    [
      'messages in doubt that are sent again',
      { mt: lane({ used: 1, statuses: { 'in-doubt': 1 } }) },
      /1 message in doubt/,
    ],
    ['a clock that is off', { link: link({ skew: { aheadMs: -7_000, uncertainMs: 60 } }) }, /7.0 s behind \(± 60 ms\)/],
    ['a bug that was mended', { violations: { count: 1, last: 'slot 3 holds 7' } }, /a bug .* mended: slot 3 holds 7/],
    [
      'a recording with gaps',
      { recorder: { sizeBytes: 9, limitBytes: 99, keepMs: 9, dropped: 31 } },
      /31 entries are missing/,
    ],
    ['an SMSC that is congested', { submits: { ...bufferStatus().submits, slowedToPerSecond: 4.25 } }, /4.3\/s/],
    [
      'a message that waits for long',
      { mt: lane({ used: 1, waitingForAnswer: 1, oldestAt: at(1_800_000) }) },
      /30 min, though everything is up/,
    ],
    ['a store renewed by --restored', { renewed: 'restored' }, /--restored/],
    ['little room', { disk: { ...disk, freeBytes: 100 * 1024 ** 2 } }, /only 100 MiB/],
  ])('stays well with %s, and notes it', (_, changes, what) => {
    const { well, findings } = verdictOf(bufferFindings(bufferStatus(changes)));
    expect(well).toBe(true);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.what).toMatch(what);
  });

  it('says nothing of what comes and goes in a moment', () => {
    const moment = { ...link(), state: 'down', since: at(200), failures: 0 } as const;
    expect(bufferFindings(bufferStatus({ link: moment }))).toEqual([]);
    expect(bufferFindings(bufferStatus({ session: { ...sessionDown, since: at(300) } }))).toEqual([]);
  });

  it('names the first trouble in its first line, further ones and notices below', () => {
    const status = bufferStatus({ link: linkDown, session: sessionDown, renewed: 'power-lost' });
    const lines = verdictLines(verdictOf(bufferFindings(status)), plainPainter, 400);
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'not well',
      'what to do',
      'not well either',
      'what to do',
      'note',
      'what to do',
    ]);
    expect(lines[0]).toMatch(/\(LINK_UNREACHABLE\)$/);
  });

  it('shows control characters of a peer as what they are', () => {
    const status = bufferStatus({ link: { ...linkDown, happenings: [], reason: 'no\x1b[2Jway' } });
    const [first] = verdictLines(verdictOf(bufferFindings(status)), plainPainter, 400);
    expect(first).toContain('no\\x1b[2Jway');
  });

  it('fits a narrow terminal', () => {
    const lines = verdictLines(verdictOf(bufferFindings(bufferStatus({ link: linkDown }))), plainPainter, 80);
    for (const line of lines) expect(line.length).toBeLessThan(80);
  });
});

describe('the verdict on an IM server', () => {
  const smsc = imServerStatus().smscs[0];
  if (smsc === undefined) throw new Error('the sample has one');

  it('is well where nothing is the matter', () => {
    expect(verdictOf(imServerFindings(imServerStatus()))).toEqual({ well: true, findings: [] });
  });

  it.each<[string, Partial<ImServerStatus>, RegExp, RegExp]>([
    ['a buffer that is not there', { smscs: [{ ...smsc, link: linkDown }] }, /link of hel1 is down/, /buffer status/],
    [
      'one that never came',
      { smscs: [{ ...smsc, link: link({ state: 'down', since: at(60_000), ups: 0 }) }] },
      /nobody has connected yet/,
      /it dials by itself/,
    ],
    [
      'an SMSC session that is down behind a link that is up',
      { smscs: [{ ...smsc, link: link({ session: { state: 'down', since: at(9_000), code: 'PEER_UNREACHABLE' } }) }] },
      /buffer of hel1 has no session with its SMSC since/,
      /doctor/,
    ],
    [
      'an XMPP server that is away',
      {
        gateways: {
          xmpp: {
            problem: { code: 'XMPP_UNREACHABLE', reason: 'connect ECONNREFUSED', since: now - 5_000 },
            counts: {},
          },
        },
      },
      /gateway xmpp is off .*ECONNREFUSED/,
      /tried again/,
    ],
    [
      'an XMPP server that refuses the secret',
      {
        gateways: {
          xmpp: { problem: { code: 'XMPP_BAD_SECRET', reason: 'not-authorized', since: now - 5_000 }, counts: {} },
        },
      },
      /not-authorized/,
      /secret-file/,
    ],
  ])('is not well with %s', (_, changes, what, todo) => {
    const { well, findings } = verdictOf(imServerFindings(imServerStatus(changes)));
    expect(well).toBe(false);
    expect(findings[0]?.what).toMatch(what);
    expect(findings[0]?.todo).toMatch(todo);
  });

  it.each<[string, Partial<ImServerStatus>, RegExp]>([
    [
      'webhooks that are parked',
      { gateways: { http: { problem: undefined, counts: { parkedWebhooks: 2 } } } },
      /2 webhooks are parked/,
    ],
    ['a queue behind a full ring', { smscs: [{ ...smsc, outbox: 30 }] }, /30 messages for hel1 wait for a slot/],
    ['nobody there', { users: 0 }, /no users yet/],
    ['no buffer allowed', { smscs: [] }, /no buffer may connect/],
  ])('stays well with %s, and notes it', (_, changes, what) => {
    const { well, findings } = verdictOf(imServerFindings(imServerStatus(changes)));
    expect(well).toBe(true);
    expect(findings[0]?.what).toMatch(what);
  });
});
