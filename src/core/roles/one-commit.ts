/**
 * All that one input makes a role write is one commit: persists are gathered into the first of them, which is never too
 * early for what follows. The commit is counted in it. SPEC: DESIGN section 2, run id and commit count.
 */
import type { StoreIdentity } from '../store/identity.ts';
import type { Persist, StoreRecord } from '../store/record.ts';

export function inOneCommit<Output extends { readonly type: string }>(
  outputs: readonly (Output | Persist)[],
  identity: StoreIdentity,
): readonly (Output | Persist)[] {
  const records: StoreRecord[] = [];
  for (const output of outputs) if (isPersist(output)) records.push(...output.records);
  if (records.length === 0) return outputs;
  records.push(identity.countCommit());
  const gathered: (Output | Persist)[] = [];
  let isWritten = false;
  for (const output of outputs) {
    if (!isPersist(output)) gathered.push(output);
    else if (!isWritten) {
      gathered.push({ type: 'persist', records });
      isWritten = true;
    }
  }
  return gathered;
}

function isPersist(output: { readonly type: string }): output is Persist {
  return output.type === 'persist';
}
