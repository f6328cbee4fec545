/** What a machine said to its peers when it was played, in the form of what came from them. */
import type { Entry } from '../../core/link/entries.ts';
import { encodeFrames } from '../../core/link/frame.ts';
import { valueCodec } from '../values.ts';
import type { ReplayedOutput } from './recorded-machine.ts';
import type { Carried } from './timeline-event.ts';

/** Outputs of these types have these fields, of either role. */
type Said = ReplayedOutput & { readonly connection: number; readonly bytes: Uint8Array; readonly entry: Entry };

/** In the order in which it was said; entries that follow each other on one connection are in as few frames as hold them. */
export function carriedBy(outputs: readonly ReplayedOutput[]): readonly Carried[] {
  const carried: Carried[] = [];
  let entries: Entry[] = [];
  let connection = 0;
  const endFrame = (): void => {
    for (const bytes of encodeFrames(entries, valueCodec)) carried.push({ over: 'link', connection, bytes });
    entries = [];
  };
  for (const output of outputs) {
    const said = output as Said;
    if (output.type === 'link-entry') {
      if (said.connection !== connection) endFrame();
      connection = said.connection;
      entries.push(said.entry);
      continue;
    }
    if (output.type !== 'smsc-write' && output.type !== 'write' && output.type !== 'link-frame') continue;
    endFrame();
    if (output.type === 'link-frame') carried.push({ over: 'link', connection: said.connection, bytes: said.bytes });
    else carried.push({ over: 'smsc', connection: said.connection, bytes: said.bytes, packets: [said.bytes] });
  }
  endFrame();
  return carried;
}
