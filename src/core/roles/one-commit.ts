/**
 * All that one input makes a role write is one commit, before all that it makes the role say: nothing is told too early,
 * and what tells where the store is may count that commit. SPEC: DESIGN section 2, run id and commit count.
 */
import type { StoreIdentity } from '../store/identity.ts';
import type { Persist, StoreRecord } from '../store/record.ts';

export function inOneCommit<Output extends { readonly type: string }>(
  outputs: readonly (Output | Persist)[],
  identity: StoreIdentity,
): readonly (Output | Persist)[] {
  const records: StoreRecord[] = [];
  for (const output of outputs) if (isPersist(output)) records.push(...output.records);
  if (records.length > 0) records.push(identity.countCommit());
  identity.endTurn();
  if (records.length === 0) return outputs;
  const said: (Output | Persist)[] = [{ type: 'persist', records }];
  for (const output of outputs) if (!isPersist(output)) said.push(output);
  return said;
}

function isPersist(output: { readonly type: string }): output is Persist {
  return output.type === 'persist';
}
