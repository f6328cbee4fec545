// SIGSTOP: a process that does nothing for longer than the link waits (20 s), and then goes on as if nothing had been.

const fullStopMs = 40_000;
const shortestMs = 5_000;
/** With so much time for the whole run a stop takes its full time. */
const fullAtMs = 240_000;
const recoverMs = 5_000;

export const stop = {
  name: 'stop',
  skipped: () => undefined,
  async act({ world, budgetMs, did, wait, tell }) {
    const stopMs = Math.max(shortestMs, Math.min(fullStopMs, (fullStopMs * budgetMs) / fullAtMs));
    for (const name of ['buffer', 'im-server']) {
      tell(`${name} stands still for ${stopMs / 1_000} s`);
      world.role(name).signal('SIGSTOP');
      await wait(stopMs);
      world.role(name).signal('SIGCONT');
      did(`SIGSTOP of ${name} for ${stopMs / 1_000} s`);
      await wait(Math.min(recoverMs, stopMs));
    }
  },
};
