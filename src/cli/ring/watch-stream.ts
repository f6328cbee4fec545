/** `ring inspect --watch` in a pipe: every change as a line of JSON, until a signal, or until nobody reads. */
import { LineOutput } from '../cimd2/decode-output.ts';
import { letRolesGoFirst } from '../roles-first.ts';
import { type ChangeFilter, changeDocuments } from './change-document.ts';
import { followRings } from './live-rings.ts';

export interface WatchStreamOptions {
  readonly stateDirs: readonly string[];
  readonly filter: ChangeFilter;
  readonly stdout: NodeJS.WritableStream;
  /** Aborted by a signal. */
  readonly signal: AbortSignal;
}

/** A reader that is slow is told less often, not later. @throws OperatorError as `followRings` */
export async function streamChanges({ stateDirs, filter, stdout, signal }: WatchStreamOptions): Promise<void> {
  letRolesGoFirst();
  const output = new LineOutput(stdout);
  const unread = new AbortController();
  await followRings({
    stateDirs,
    signal: AbortSignal.any([signal, unread.signal]),
    onUpdate: async (update) => {
      for (const document of changeDocuments(update, filter)) output.add(JSON.stringify(document));
      await output.written();
      if (output.isClosed) unread.abort();
    },
  });
}
