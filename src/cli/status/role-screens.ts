/** One screen for each role: what it is and since when, then a row for each thing it has to do with. */
import type { BufferStatus, ImServerStatus } from '../../shell/status/role-status.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { printable } from '../table.ts';
import { clockText, laneRow, roundTripText, rowLines, type StatusRow } from './lane-rows.ts';
import { bytesText, countText, durationsText, rateText, shortMs } from './words.ts';

export function bufferScreen(status: BufferStatus, paint: Painter, columns: number): readonly string[] {
  const { smscId, link, mt, mo, at: now, imServerUrl } = status;
  const url = `with ${imServerUrl}`;
  return [
    headLine(`buffer ${smscId}`, status, paint),
    ...rowLines(
      [
        sessionRow(status),
        submitsRow(status),
        ['link', `${link.state} for ${formatDuration(now - link.since)} ${url}`, roundTripText(link), clockText(link)],
        laneRow('mt', mt, link, now),
        [...laneRow('mo', mo, link, now), deliversText(status)],
        ...commonRows(status),
      ],
      columns,
    ),
  ];
}

export function imServerScreen(status: ImServerStatus, paint: Painter, columns: number): readonly string[] {
  const { listen, smscs, users, connections, openTexts, at: now } = status;
  return [
    headLine(`im-server ${listen}`, status, paint),
    ...rowLines(
      [
        ...smscs.flatMap(({ smscId, link, mt, mo }): StatusRow[] => [
          [
            smscId,
            `link ${link.state} for ${formatDuration(now - link.since)}`,
            link.session === undefined ? undefined : `SMSC session ${link.session.state}`,
            roundTripText(link),
            clockText(link),
          ],
          laneRow('  mt', mt, link, now),
          laneRow('  mo', mo, link, now),
        ]),
        [
          'people',
          countText(users, 'user'),
          `${countText(openTexts, 'text')} under way`,
          countText(connections, 'connection'),
        ],
        ...gatewayRows(status),
        ...commonRows(status),
      ],
      columns,
    ),
  ];
}

function headLine(
  what: string,
  { version, since, at, pid, stateDir }: BufferStatus | ImServerStatus,
  paint: Painter,
): string {
  return [paint.bold(what), version, `up for ${formatDuration(at - since)}`, `process ${pid}`, stateDir].join('   ');
}

function sessionRow({ session, smscAddress, at: now }: BufferStatus): StatusRow {
  const { state, since, logins, failures, nextAttemptAt } = session;
  const next = nextAttemptAt === undefined ? undefined : `next attempt in ${formatDuration(nextAttemptAt - now)}`;
  const counts = `${countText(logins, 'login')}, ${countText(failures, 'failure')}`;
  return ['session', `${state} for ${formatDuration(now - since)} with ${smscAddress}`, counts, next];
}

function submitsRow({ submits, mt }: BufferStatus): StatusRow {
  const { turnAround, counts, outstanding, window, errorCodes, slowedToPerSecond } = submits;
  const refused = counts.refused + counts['refused-for-now'];
  const codes = errorCodes.map(({ errorCode, count }) => `900:${errorCode} ${count}`).join(', ');
  return [
    'submits',
    rateText(mt.counts.ended.perSecond),
    slowedToPerSecond === undefined ? undefined : `slowed to ${rateText(slowedToPerSecond)}`,
    `${outstanding} of ${window} outstanding`,
    turnAround === undefined ? undefined : `answers in ${durationsText(turnAround)}`,
    `${counts.accepted.toLocaleString('en-US')} accepted`,
    refused === 0 ? undefined : `${refused} refused${codes === '' ? '' : ` (${codes})`}`,
    counts.none === 0 ? undefined : `${counts.none} without an answer`,
  ];
}

function deliversText({ waitingDelivers, enquiries }: BufferStatus): string | undefined {
  const parts = [
    ...(waitingDelivers === 0 ? [] : [`${countText(waitingDelivers, 'deliver')} unanswered`]),
    ...(enquiries === 0 ? [] : [`${enquiries} fates asked for`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function gatewayRows({ gateways }: ImServerStatus): readonly StatusRow[] {
  return Object.entries(gateways).map(([type, { problem, counts }]): StatusRow => {
    const numbers = Object.entries(counts).map(([name, count]) => `${count} ${spaced(name)}`);
    return [type, problem === undefined ? undefined : `off: ${printable(problem.reason)}`, numbers.join(', ')];
  });
}

function commonRows({ disk, recorder, at: now }: BufferStatus | ImServerStatus): readonly StatusRow[] {
  const { freeBytes, problem, storeBytes, commits, durability, refusingMs } = disk;
  const last = commits.lastAt === undefined ? undefined : `last commit ${formatDuration(now - commits.lastAt)} ago`;
  const took = commits.took === undefined ? '' : `, ${shortMs(commits.took.medianMs)} (median)`;
  return [
    [
      'disk',
      refusingMs === 0 ? undefined : `refuses for ${formatDuration(refusingMs)}`,
      freeBytes === undefined ? problem : `${bytesText(freeBytes)} free`,
      `store ${bytesText(storeBytes)}`,
      last === undefined ? undefined : `${last}${took}`,
      `durability ${durability}`,
    ],
    recorder === undefined
      ? ['recorder', 'off']
      : [
          'recorder',
          `${bytesText(recorder.sizeBytes)} of ${bytesText(recorder.limitBytes)}`,
          `${recorder.dropped} dropped`,
        ],
  ];
}

/** `parkedWebhooks` as `parked webhooks`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
