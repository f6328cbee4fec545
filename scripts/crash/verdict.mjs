// What the far ends hold when a chapter is over, and what that says: the handsets of the SMSC for mt, the IM server's
// history for mo. What a lost disk excuses is counted apart. SPEC: DESIGN section 4, column "one disk lost".
import { judgeRecords, readRecords } from '../../dist/cli/demo/records.js';

const shownComplaints = 8;

/**
 * Texts, by lane, that may be missing or double because a disk is gone; a chapter that takes none away has none.
 * `steps`: with a disk the reports on it are gone, and with them the last steps of some texts.
 */
export function noExcuses() {
  const lanes = () => ({ mt: new Set(), mo: new Set() });
  return { lost: lanes(), doubled: lanes(), disks: 0, steps: 'await' };
}

/** @returns {Promise<{ rows: readonly object[], complaints: readonly string[] }>} a row for each lane */
export async function judge(world, people, load, excuses) {
  const { inboxes, histories } = await readRecords(world);
  const offered = load.offered;
  const dropped = { mt: 0, mo: 0 };
  const firstOnly = (lane, items) => {
    const seen = new Set();
    return items.filter(({ text }) => {
      const isExcused = seen.has(text) && excuses.doubled[lane].has(text);
      seen.add(text);
      if (isExcused) dropped[lane] += 1;
      return !isExcused;
    });
  };
  const records = {
    inboxes: new Map([...inboxes].map(([number, items]) => [number, firstOnly('mt', items)])),
    histories: new Map(
      [...histories].map(([user, texts]) => {
        const all = [...people.seenBefore(user), ...texts];
        const incoming = new Set(firstOnly('mo', all.filter(isIncoming)));
        return [user, all.filter((text) => !isIncoming(text) || incoming.has(text))];
      }),
    ),
  };
  const arrived = {
    mt: new Set([...inboxes.values()].flat().map(({ text }) => text)),
    mo: new Set(
      [...records.histories.values()]
        .flat()
        .filter(isIncoming)
        .map(({ text }) => text),
    ),
  };
  const isExcused = (lane) => (one) => !arrived[lane].has(one.text) && excuses.lost[lane].has(one.text);
  const plan = {
    mt: offered.mt.filter((one) => !isExcused('mt')(one)),
    mo: offered.mo.filter((one) => !isExcused('mo')(one)),
  };
  const judged = judgeRecords(records, plan, load.conversations, 'resend');
  const rows = ['mt', 'mo'].map((lane) => {
    const { result, judgement } = judged[lane];
    const { arrived, lost, doubled, doubledMarked, inDoubt } = result;
    return {
      lane,
      offered: offered[lane].length,
      ...{ arrived, lost, lostWithDisk: offered[lane].length - plan[lane].length },
      ...{ doubled, doubledWithDisk: dropped[lane], doubledMarked, inDoubt },
      ordered: judgement.order === 'ordered',
      strangers: judgement.strangerCount,
    };
  });
  const complaints = [...people.refusals, ...judged.mt.judgement.complaints, ...judged.mo.judgement.complaints];
  // In turn, so that each lost disk can make one deliver unrecognisable at most.
  if (dropped.mo > excuses.disks) complaints.push(`mo: ${dropped.mo} came twice with ${excuses.disks} lost disks`);
  return { rows, complaints: complaints.slice(0, shownComplaints) };
}

function isIncoming({ direction }) {
  return direction === 'in';
}
