/** A role that was asked how it is: verdict, screen and document, whether it runs or not. */
import type { Painter } from '../colour.ts';
import { type AskedRole, isBuffer, roleOf } from './ask-status.ts';
import { bufferFindings } from './buffer-findings.ts';
import { type Finding, type Verdict, verdictLines, verdictOf } from './findings.ts';
import { imServerFindings } from './im-server-findings.ts';
import { withIsoTimes } from './iso-times.ts';
import { bufferScreen, imServerScreen } from './role-screens.ts';
import { stoppedDocument, stoppedFindings, stoppedLines } from './stopped-role.ts';

export interface RoleReport {
  readonly verdict: Verdict;
  readonly lines: readonly string[];
  /** Schema `buffer.status/1` or `im-server.status/1`, on one line. */
  readonly document: object;
}

export function roleReport(asked: AskedRole, paint: Painter, columns: number): RoleReport {
  const verdict = verdictOf(findingsOf(asked));
  const lines = [...verdictLines(verdict, paint, columns), '', ...screenOf(asked, paint, columns)];
  const { state } = asked;
  const told = state === 'running' ? withIsoTimes(asked.status) : stoppedDocument(asked);
  const document = { schema: `${roleOf(asked)}.status/1`, state, ...verdict, ...told };
  return { verdict, lines, document };
}

export function findingsOf(asked: AskedRole): readonly Finding[] {
  if (asked.state === 'stopped') return stoppedFindings(asked);
  return isBuffer(asked.status) ? bufferFindings(asked.status) : imServerFindings(asked.status);
}

function screenOf(asked: AskedRole, paint: Painter, columns: number): readonly string[] {
  if (asked.state === 'stopped') {
    const smscId = asked.role === 'buffer' ? ` ${asked.rings[0]?.smscId ?? ''}` : '';
    return [`${paint.bold(`${asked.role}${smscId}`)}   stopped   ${asked.stateDir}`, ...stoppedLines(asked)];
  }
  return isBuffer(asked.status)
    ? bufferScreen(asked.status, paint, columns)
    : imServerScreen(asked.status, paint, columns);
}
