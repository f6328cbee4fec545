import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { drainMs, rowLines } from '../../../src/cli/status/lane-rows.ts';
import { linkDocument, linkEndsOf, linkLines } from '../../../src/cli/status/link-report.ts';
import { at, bufferStatus, imServerStatus, lane, link, now } from './sample-status.ts';

const busy = { total: 900, perSecond: 12.5 };

function endOf(status = bufferStatus()) {
  const [end] = linkEndsOf({ state: 'running', stateDir: 'hel1', status }, undefined);
  if (end === undefined) throw new Error('a buffer has a link');
  return end;
}

describe('the report on a link', () => {
  it('keeps apart what waits for a slot and what waits for an answer, with the time it will take', () => {
    const mt = lane({
      ...{ used: 255, waitingForSlot: 245, waitingForAnswer: 255, oldestAt: at(61_000) },
      counts: { ...lane().counts, ended: busy },
    });
    const lines = linkLines(endOf(bufferStatus({ mt })), plainPainter, 120);
    expect(lines[0]).toMatch(/^hel1 {3}from the buffer {3}up since .* \(1 h\)$/);
    expect(lines).toContain(
      '  mt           13 messages/s   245 wait for a slot   255 wait for an answer   oldest 61 s   done in about 40 s',
    );
    expect(lines).toContain('  round trip   now 0.4 ms   median 0.4 ms   worst 3.1 ms   of the last 36');
    expect(lines).toContain("  clock        the IM server's is 3 ms ahead (± 2 ms)");
  });

  it('says why a link is down, what to do, when the next attempt is, and what happened lately', () => {
    const failing = link({
      ...{ state: 'down', since: at(11_000), code: 'LINK_UNREACHABLE', reason: 'connection refused', failures: 31 },
      nextAttemptAt: at(-2_500),
      happenings: [
        {
          what: 'lost',
          at: at(11_000),
          lastAt: at(11_000),
          times: 1,
          code: 'LINK_TIMEOUT',
          reason: 'nothing was heard',
        },
        {
          what: 'failed',
          at: at(10_000),
          lastAt: at(400),
          times: 31,
          code: 'LINK_UNREACHABLE',
          reason: 'connection refused',
        },
      ],
    });
    const lines = linkLines(endOf(bufferStatus({ link: failing })), plainPainter, 200);
    expect(lines[0]).toMatch(
      /wanted up, down since .* \(11 s\): connection refused \(LINK_UNREACHABLE\); next attempt in 2.5 s$/,
    );
    expect(lines[1]).toMatch(/what to do .*im-server status/);
    const lately = lines.slice(-2);
    expect(lately[0]).toMatch(/^ {2}lately .*failed 31 times since .*connection refused \(LINK_UNREACHABLE\)$/);
    expect(lately[1]).toMatch(/^ {15}.* lost .*nothing was heard \(LINK_TIMEOUT\)$/);
  });

  it('has ISO times and a prediction in its document, or null where none can be made', () => {
    const mt = lane({ used: 3, waitingForAnswer: 3 });
    const document = linkDocument(endOf(bufferStatus({ mt })));
    expect(document).toMatchObject({
      ...{ smscId: 'hel1', side: 'buffer', state: 'up', desired: 'up', at: new Date(now).toISOString() },
      since: at(3_600_000) && new Date(now - 3_600_000).toISOString(),
      lanes: { mt: { drainMs: null, waitingForAnswer: 3 }, mo: { drainMs: 0, waitingForSlot: 0 } },
    });
    expect(JSON.stringify(document)).not.toContain(String(now));
  });

  it('predicts nothing while the link is down, and nothing to do is done', () => {
    const waiting = lane({ waitingForAnswer: 5, counts: { ...lane().counts, ended: busy } });
    expect(drainMs(waiting, link())).toBe(400);
    expect(drainMs(waiting, link({ state: 'down' }))).toBeUndefined();
    expect(drainMs(lane(), link({ state: 'down' }))).toBe(0);
  });

  it('predicts nothing for what is in doubt, which no rate decides', () => {
    const counts = { ...lane().counts, ended: busy };
    expect(drainMs(lane({ waitingForAnswer: 5, statuses: { 'in-doubt': 1 }, counts }), link())).toBe(320);
    expect(drainMs(lane({ waitingForAnswer: 1, statuses: { 'in-doubt': 1 }, counts }), link())).toBe(0);
  });

  it('tells each SMSC of an IM server, or the one that was asked for', () => {
    const [smsc] = imServerStatus().smscs;
    if (smsc === undefined) throw new Error('the sample has one');
    const status = imServerStatus({ smscs: [smsc, { ...smsc, smscId: 'tku1' }] });
    const asked = { state: 'running', stateDir: 'im', status } as const;
    expect(linkEndsOf(asked, undefined).map(({ place }) => place.smscId)).toEqual(['hel1', 'tku1']);
    expect(linkEndsOf(asked, 'tku1').map(({ place }) => place.smscId)).toEqual(['tku1']);
  });
});

describe('rows of a screen', () => {
  it('go on below their first part where the terminal ends, and leave out what says nothing', () => {
    const rows = [
      ['disk', '74 GiB free', undefined, 'store 32 KiB', 'last commit 490 ms ago'],
      ['recorder', 'off'],
    ] as const;
    expect(rowLines(rows, 40)).toEqual([
      'disk       74 GiB free   store 32 KiB',
      '           last commit 490 ms ago',
      'recorder   off',
    ]);
    expect(rowLines(rows, 20)[0]).toBe('disk       74 GiB free');
  });
});
