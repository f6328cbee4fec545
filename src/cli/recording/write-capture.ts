/** A capture of a recording as a file, and what is told of it: for `ring export --pcap`. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { OperatorError } from '../../core/base/errors.ts';
import type { Privacy } from '../mask.ts';
import { captureOf, type RecordingCapture } from './recording-capture.ts';

/**
 * @param recording a state directory, the folder `recording` in it, or one of its files
 * @param file that does not exist yet; only its owner can read it
 * @throws OperatorError RECORDING_MISSING, RECORDING_UNREADABLE, INPUT_UNREADABLE; CONFIG_UNREADABLE where the file exists or cannot be written
 */
export function writeCapture(recording: string, file: string, privacy: Privacy): RecordingCapture {
  const pieces = captureOf(recording, privacy);
  let next = pieces.next();
  const target = openNew(file);
  try {
    for (; next.done !== true; next = pieces.next()) writeSync(target, next.value);
    return next.value;
  } finally {
    closeSync(target);
  }
}

/** `smsc.pcapng   120 packets in 2 connections of buffer hel1`, and what is missing. */
export function captureLines(file: string, capture: RecordingCapture): readonly string[] {
  const { packets, connections, role, smscIds, unanswered } = capture;
  const whose = `${role} ${smscIds.join(', ')}`.trim();
  const lines = [
    `${file}   ${packets} packets in ${connections === 1 ? '1 connection' : `${connections} connections`} of ${whose}`,
  ];
  if (unanswered > 0) {
    lines.push(
      `what was said ${unanswered} times is not in it: it is before the first start that is recorded, or behind a gap`,
    );
  }
  return lines;
}

export function captureDocument(file: string, { packets, connections, role, smscIds, unanswered }: RecordingCapture) {
  return { schema: 'ring.captured/1', file, role, smscIds, packets, connections, unanswered };
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (cause) {
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${file} cannot be written (${cause instanceof Error && 'code' in cause ? cause.code : cause}). Nothing was exported.`,
      hint: 'Name a file that does not exist yet, in a directory that this user may write to.',
      cause,
    });
  }
}
