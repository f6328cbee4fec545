/** One event of a recording in a line below the rings: what came, and what it moved. No texts, no numbers of people. */
import type { TimelineEvent } from '../../../shell/recording/timeline-event.ts';
import { plainPainter } from '../../colour.ts';
import { causeText } from '../../recording/cause-words.ts';
import { moveText } from '../history-lines.ts';

/** Moves that are told one by one; of the others only how many. */
const movesTold = 3;

export function eventText(event: TimelineEvent, smscIds: readonly string[]): string {
  switch (event.type) {
    case 'input':
      return movesText(event, smscIds);
    case 'bug':
      return `met a bug: ${event.statement}`;
    case 'life':
      return `began, ringbridge ${event.version}`;
    case 'break':
      return event.why === 'gap'
        ? `gap: ${event.dropped ?? 'some'} entries could not be written`
        : `here the recording is ${event.why}`;
    case 'link':
      return `link ${event.link.state}`;
    case 'end':
      return 'ended in order';
    default:
      return event satisfies never;
  }
}

function movesText(event: Extract<TimelineEvent, { readonly type: 'input' }>, smscIds: readonly string[]): string {
  const { moves, epochs } = event;
  const [first] = moves;
  if (first === undefined) return epochs.length > 0 ? 'the ring got an epoch' : event.input;
  const told = moves.slice(0, movesTold).map((move) => {
    const where = smscIds.length > 1 ? `${move.smscId} ${move.lane}` : move.lane;
    return `${where} slot ${move.slot} ${moveText(move, plainPainter)}`;
  });
  const more = moves.length > told.length ? [`${moves.length - told.length} more`] : [];
  return `${causeText(event, first)}   ${[...told, ...more].join('; ')}`;
}
