/**
 * What the commands that start a role share: settings resolved in their order, the log, the ready line, and a `run()`
 * that stays pending until the role has drained. Rules: CLI.md, roles and signals.
 */
import { OperatorError } from '../core/base/errors.ts';
import { logEvent } from '../core/base/log-event.ts';
import type { Logger } from '../shell/logger.ts';
import type { ReadyInfo } from '../shell/ready.ts';
import { BaseCommand } from './base-command.ts';

export interface RunningRole {
  readonly ready: ReadyInfo;
  /** What to say on a terminal instead of the ready line. */
  readonly greeting: string;
  drain(): Promise<void>;
}

export abstract class RoleCommand extends BaseCommand {
  /** Ends the process loudly: a bug, and the store brings the role back. */
  protected crash(logger: Logger): (error: unknown) => void {
    return (error) => {
      logger.flush();
      // A disk that went bad while the role ran: nobody's bug, and the next start says the same.
      if (error instanceof OperatorError) {
        process.stderr.write(`ringbridge: ${error.message} ${error.hint}\n`);
        process.exit(error.exitStatus);
      }
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`ringbridge: a bug: ${text}\nPlease report it. Nothing told to anybody is lost.\n`);
      process.exit(1);
    };
  }

  /** Says that the role is ready, waits for the end, drains. */
  protected async untilShutdown(role: RunningRole, logger: Logger): Promise<void> {
    const { announceReady, notifySystemd } = await import('../shell/ready.ts');
    const { waitForShutdown } = await import('../shell/signals.ts');
    const name = role.ready.role;
    // Before anybody is told: whoever reads the ready line may end the role at once.
    const ended = waitForShutdown({
      onDrain: async (why) => {
        logger.log(logEvent('info', 'role.draining', { cause: why }));
        await notifySystemd('stopping', logger.log);
        await role.drain();
      },
      onReload: () => logger.log(logEvent('warn', 'role.reload', { reason: `restart ${name} to take new settings` })),
    });
    logger.log(logEvent('info', 'role.ready', { listen: role.ready.listen }));
    if (process.stdout.isTTY) this.printLine(role.greeting);
    announceReady(role.ready);
    await notifySystemd('ready', logger.log);
    const cause = await ended;
    logger.log(logEvent('info', 'role.ended', { cause }));
    logger.flush();
  }
}
