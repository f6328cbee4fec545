/** A user at a terminal of the demo: a client that comes back by itself, and the moment of its first login. */
import { deferred } from '../cimd2/deferred.ts';
import { ImClient, type ImClientEvents, type ImClientOptions } from '../im/im-client.ts';

/** Opens it. @returns `ready` rejects with the OperatorError of a login that fails for good */
export function signIn(
  login: Omit<ImClientOptions, 'on' | 'presence'>,
  on: Pick<ImClientEvents, 'text'> & Partial<Pick<ImClientEvents, 'refused'>>,
): { readonly client: ImClient; readonly ready: Promise<void> } {
  const ready = deferred<void>();
  const client = new ImClient({
    ...login,
    // It plays a person at a terminal.
    presence: 'here',
    on: {
      refused: () => undefined,
      ...on,
      ready: () => ready.resolve(),
      links: () => undefined,
      lost: () => undefined,
      failed: ready.reject,
    },
  });
  client.open();
  return { client, ready: ready.promise };
}
