// `kill -9` of buffer and IM server at random moments, some in the middle of their start; the simulator keeps nothing, so
// its share of the kills is the end of all its connections.
import { callControl } from '../../../dist/shell/control-client.js';

/** Of a kill's moment, after the last one is up again. */
const longestWaitMs = 900;
const cutShare = 0.1;
const bufferShare = 0.55;
/** Kills that meet a role before it is ready, and how long after its start. */
const earlyShare = 0.2;
const earlyWithinMs = 1_500;
/** Two or three seconds each where nothing else runs; ten times that is no busy machine but one that stands still. */
const mostMsPerKill = 30_000;

export const kill = {
  name: 'kill',
  skipped: () => undefined,
  async act({ world, random, kills, did, complain, wait, tell }) {
    const startedAt = performance.now();
    const giveUpAt = startedAt + kills * mostMsPerKill;
    let done = 0;
    while (done < kills && performance.now() < giveUpAt) {
      await wait(longestWaitMs * random());
      if (random() < cutShare) {
        await callControl(world.dirs.smsc, 'POST /cut');
        did('all connections of the SMSC');
      } else {
        const name = random() < bufferShare ? 'buffer' : 'im-server';
        await world.kill(name);
        did(`kill -9 ${name}`);
        if (done + 1 < kills && random() < earlyShare) {
          const role = world.launch(name);
          await wait(earlyWithinMs * random());
          await role.kill();
          did(`kill -9 ${name} in its start`);
          done += 1;
        }
        await world.startAgain(name);
      }
      done += 1;
      tell(`${done} of ${kills} kills`);
    }
    const tookMs = performance.now() - startedAt;
    if (done < kills) complain(`only ${done} of ${kills} kills in ${Math.round(tookMs / 1_000)} s`);
  },
};
