/** Where roles keep their state if nobody says: `$XDG_STATE_HOME/ringbridge/ROLE`, else below the home directory. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function defaultStateDir(role: string): string {
  return join(usualPlace(), role);
}

/** The folder in which the state directories of this user's roles are looked for. */
export function usualPlace(): string {
  const given = process.env['XDG_STATE_HOME'] ?? '';
  // The XDG specification: a path that is not absolute is to be ignored.
  const home = given.startsWith('/') ? given : join(homedir(), '.local', 'state');
  return join(home, 'ringbridge');
}
