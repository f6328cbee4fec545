// A store that counts the records that are read from it: what a page costs, whatever the machine.
import type { RecordReader } from '../../../src/core/im/history.ts';

export function countingReader(store: RecordReader): { readonly reader: RecordReader; readonly count: () => number } {
  let count = 0;
  const reader: RecordReader = {
    get: (key) => {
      count += 1;
      return store.get(key);
    },
    *entries(prefix, options) {
      for (const entry of store.entries(prefix, options)) {
        count += 1;
        yield entry;
      }
    },
  };
  return { reader, count: () => count };
}
