/**
 * What others wrote is not for every screen: numbers and texts of stored messages are masked unless `--reveal`. What
 * the user typed in the same command is shown. Rules: CLI.md, privacy.
 */
import { maskAddress } from '../core/base/log-event.ts';
import { textDigest } from '../shell/hashing.ts';

export type Privacy = 'mask' | 'reveal';

/** `+3584…67` */
export function showNumber(number: string, privacy: Privacy): string {
  return privacy === 'reveal' ? number : maskAddress(number);
}

/** `[42 ch, sha 9f3c]`: enough to see that two are the same, not to read them. */
export function showText(text: string, privacy: Privacy): string {
  // What was masked where it came from stays as it is.
  if (privacy === 'reveal' || /^\[\d+ ch, sha [0-9a-f]{4}\]$/.test(text)) return text;
  return `[${[...text].length} ch, sha ${textDigest(text).slice(0, 4)}]`;
}
