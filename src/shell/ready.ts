/**
 * Tells the outside that a role is ready or ends: one line of JSON on stdout for whoever started it, and systemd
 * (`Type=notify`). On a terminal the command says it in its own words.
 */
import { spawn } from 'node:child_process';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';

export interface ReadyInfo {
  readonly role: string;
  /** Where it listens, with the port it got; undefined for a role that only dials. */
  readonly listen: string | undefined;
  /** What else a starter needs to know, for example the path of the control socket. */
  readonly [more: string]: string | number | undefined;
}

/** Off a terminal prints the ready line, `{"schema":"role.ready/1","role":…,"listen":…,"pid":…}`. */
export function announceReady(info: ReadyInfo): void {
  if (process.stdout.isTTY) return;
  const { role, listen, ...more } = info;
  const line = { schema: 'role.ready/1', role, listen: listen ?? null, pid: process.pid, ...more };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Tells systemd, where it listens (NOTIFY_SOCKET). Node has no datagrams over Unix sockets, so `systemd-notify` does it;
 * the unit needs `NotifyAccess=all`. Never fails: a role works without systemd knowing it.
 */
export function notifySystemd(state: 'ready' | 'stopping', log: (event: LogEvent) => void): Promise<void> {
  if (process.env['NOTIFY_SOCKET'] === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const unheard = (reason: string): void => {
      log(logEvent('warn', 'systemd.not-notified', { state, reason }));
      resolve();
    };
    const message = state === 'ready' ? 'READY=1' : 'STOPPING=1';
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, message], { stdio: 'ignore', timeout: 5_000 });
    child.once('error', (error) => unheard(error.message));
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else unheard(`systemd-notify ended with ${status ?? signal}`);
    });
  });
}
