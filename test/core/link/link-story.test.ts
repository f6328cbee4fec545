import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { happeningsKept, LinkStory } from '../../../src/core/link/link-story.ts';

const at = (ms: number) => instant(1_000_000 + ms);

describe('LinkStory', () => {
  it('tells attempts that fail alike, one after the other, as one', () => {
    const story = new LinkStory();
    for (const ms of [0, 100, 300]) story.failed('LINK_UNREACHABLE', 'connection refused', at(ms));
    story.failed('LINK_BAD_SECRET', 'another secret', at(700));
    story.up(at(900));
    story.lost('LINK_TIMEOUT', 'nothing was heard for 20 s', at(5_000));
    expect(story.health(at(6_000))).toMatchObject({
      ups: 1,
      failures: 4,
      happenings: [
        { what: 'failed', at: at(0), lastAt: at(300), times: 3, code: 'LINK_UNREACHABLE' },
        { what: 'failed', at: at(700), times: 1, code: 'LINK_BAD_SECRET' },
        { what: 'up', at: at(900) },
        { what: 'lost', at: at(5_000), code: 'LINK_TIMEOUT', reason: 'nothing was heard for 20 s' },
      ],
    });
  });

  it('keeps the latest happenings, and no more of them', () => {
    const story = new LinkStory();
    for (let i = 0; i < 100; i += 1) {
      story.up(at(2 * i));
      story.lost('LINK_UNREACHABLE', 'reset', at(2 * i + 1));
    }
    const { happenings, ups } = story.health(at(1_000));
    expect(happenings).toHaveLength(happeningsKept);
    expect(happenings.at(-1)).toMatchObject({ what: 'lost', at: at(199) });
    expect(ups).toBe(100);
  });

  it('tells round trips, and the other clock with what is uncertain about it', () => {
    const story = new LinkStory();
    story.beat({ rttMs: undefined, skewMs: undefined });
    expect(story.health(at(0))).toMatchObject({ roundTrip: undefined, skew: undefined });
    for (const rttMs of [200, 612, 210]) story.beat({ rttMs, skewMs: -3_000.4 });
    expect(story.health(at(0))).toMatchObject({
      roundTrip: { nowMs: 210, medianMs: 210, worstMs: 612, count: 3 },
      skew: { aheadMs: -3_000, uncertainMs: 106 },
    });
  });
});
