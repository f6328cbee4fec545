/** A role that does nothing, for signals.test.ts, logger.test.ts and ready.test.ts: it is ready, drains, and ends. */
import { setTimeout as waitMs } from 'node:timers/promises';
import { logEvent } from '../../../src/core/base/log-event.ts';
import { createLogger } from '../../../src/shell/logger.ts';
import { announceReady, notifySystemd } from '../../../src/shell/ready.ts';
import { waitForShutdown } from '../../../src/shell/signals.ts';

const [drainMs = '0'] = process.argv.slice(2);
const logger = await createLogger({ role: 'buffer' });
/** Keeps the process there, as a listening socket would. */
const work = setInterval(() => undefined, 60_000);
const ended = waitForShutdown({
  onDrain: async (cause) => {
    process.stdout.write(`draining ${cause}\n`);
    await waitMs(Number(drainMs));
  },
  onReload: () => process.stdout.write('reloaded\n'),
});
for (let index = 1; index <= 3; index += 1)
  logger.log(logEvent('warn', 'test.repeated', { code: 'X', waitedMs: index }));
logger.log(logEvent('debug', 'test.detail'));
await notifySystemd('ready', logger.log);
announceReady({ role: 'buffer', listen: '127.0.0.1:4711', control: '/x/control.sock' });
process.stdout.write(`ended ${await ended}\n`);
clearInterval(work);
await notifySystemd('stopping', logger.log);
logger.flush();
