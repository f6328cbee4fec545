/** Sequence numbers as people read them: `5, 7–9`. What cannot be known of messages is listed so, in logs and plans. */

/** @returns each number once, in order, runs of three and more joined; empty for none */
export function numbersText(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const runs: { readonly from: number; to: number }[] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && last.to === number - 1) last.to = number;
    else runs.push({ from: number, to: number });
  }
  return runs.map(runText).join(', ');
}

function runText({ from, to }: { readonly from: number; readonly to: number }): string {
  if (from === to) return String(from);
  return to === from + 1 ? `${from}, ${to}` : `${from}–${to}`;
}
