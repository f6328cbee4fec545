/** Looking must not slow what is looked at: where processors are scarce, whoever goes on looking waits for the roles. */
import { constants, setPriority } from 'node:os';

/** For this process, and for good: only the superuser may take a priority back. */
export function letRolesGoFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Where a sandbox forbids it, it goes on as before: it costs little.
  }
}
