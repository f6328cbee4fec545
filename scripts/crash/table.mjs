// The result for people: one line per chapter and lane, then what was done, what was excused, and what is wrong.

const heads = ['', 'lane', 'offered', 'arrived', 'lost', 'doubled', 'marked', 'in doubt', 'settled', ''];

export function tableOf({ chapters, seed, seconds, ok }) {
  const cells = chapters.flatMap((one) => {
    if (one.rows.length === 0) return [[one.chapter, '', '', '', '', '', '', '', '', one.outcome]];
    return one.rows.map((row, index) => [
      index === 0 ? one.chapter : '',
      row.lane,
      ...[row.offered, row.arrived, row.lost, row.doubled, row.doubledMarked, row.inDoubt].map(String),
      index === 0 ? `${one.settledMs} ms` : '',
      index === 0 ? one.outcome : '',
    ]);
  });
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => (column < 2 || column === 9 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  const notes = chapters.flatMap((one) => [`${one.chapter}: ${done(one)}`, ...excuses(one), ...troubles(one)]);
  const verdict = ok ? 'Nothing is lost, nothing is double without a mark.' : 'A check failed.';
  return [line(heads), ...cells.map(line), '', ...notes, '', `${verdict} Seed ${seed}, ${seconds} s.`].join('\n');
}

function done({ faults, reason }) {
  if (reason !== undefined) return `skipped: ${reason}`;
  return faults.map(({ what, count }) => (count === 1 ? what : `${count} × ${what}`)).join(', ') || 'nothing was done';
}

function excuses({ rows }) {
  return rows.flatMap(({ lane, lostWithDisk, doubledWithDisk }) => [
    ...(lostWithDisk > 0 ? [`  ${lane}: ${lostWithDisk} were only on the disk that was taken away`] : []),
    ...(doubledWithDisk > 0
      ? [`  ${lane}: ${doubledWithDisk} came twice because that disk knew of the first time`]
      : []),
  ]);
}

function troubles({ complaints }) {
  return complaints.map((text) => `  ✖ ${text}`);
}
