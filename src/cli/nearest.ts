/** The known word that was probably meant: for unknown flags, commands and keys. */

/**
 * The known word with the fewest edits (insert, delete, replace, swap of neighbours), if that is few enough to be a
 * slip of the fingers: a third of the word's length, at least one. Otherwise the only one that begins with it.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editDistance(word, candidate);
    const isPlausible = edits <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (isPlausible && edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  // Or the beginning of one only: `--password` for `--password-file`.
  const longer = known.filter((candidate) => word.length >= 3 && candidate.startsWith(word));
  return best ?? (longer.length === 1 ? longer[0] : undefined);
}

/** Optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, (beforePrevious[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
