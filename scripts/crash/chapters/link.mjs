// The relay between buffer and IM server cuts, stalls, and lets one direction of each connection die without a word.
import { callControl } from '../../../dist/shell/control-client.js';

/** Shares of the budget. A half-dead connection is only noticed after 20 s without a byte. */
const phases = [
  { mode: 'reset', share: 0.12, everyMs: 3_000, forMs: 1_000, words: 'cuts that reset' },
  { mode: 'stall', share: 0.12, everyMs: 5_000, forMs: 2_000, words: 'stalls' },
  { mode: 'half', share: 0.25, everyMs: 35_000, forMs: 1_000, words: 'cuts that leave one direction' },
];
const shortestMs = 4_000;

export const link = {
  name: 'link',
  skipped: () => undefined,
  async act({ world, budgetMs, did, complain, wait, tell }) {
    for (const { mode, share, everyMs, forMs, words } of phases) {
      const phaseMs = Math.max(shortestMs, budgetMs * share);
      // A short run has one cut at least.
      const gapMs = Math.min(everyMs, phaseMs / 2);
      const holdMs = Math.min(forMs, gapMs / 2);
      tell(`${words} for ${Math.round(phaseMs / 1_000)} s`);
      await world.relayAnew([
        ...['--cut-every', `${Math.round(gapMs)}ms`, '--cut-for', `${Math.round(holdMs)}ms`, '--cut-mode', mode],
      ]);
      await wait(phaseMs);
      const { cuts, cutsFelt } = await callControl(world.dirs.link, 'GET /counts');
      for (let n = 0; n < cuts; n += 1) did(words);
      if (cuts === 0) complain(`no cut in ${phaseMs} ms`);
      tell(`${cuts} ${words}, ${cutsFelt} met bytes on the way`);
    }
    await world.relayAnew([]);
  },
};
