/** What helps against each reason for which a link or a session is down; docs/errors.md says more of each code. */

/** Who asks, so that a remedy can name what to type. */
export interface RemedyPlace {
  readonly side: 'buffer' | 'im-server';
  readonly smscId: string;
}

type Remedy = (place: RemedyPlace) => string;

const linkRemedies: Readonly<Record<string, Remedy>> = {
  LINK_UNREACHABLE: ({ side, smscId }) =>
    side === 'buffer'
      ? 'see whether the IM server runs (`im-server status` there) and can be reached from here (`doctor`)'
      : `see whether the buffer of ${smscId} runs (\`buffer status\` there); it dials by itself`,
  LINK_TIMEOUT: () => 'the way between the two is cut or chokes: look at the network; the buffer dials again by itself',
  LINK_BAD_SECRET: ({ smscId }) =>
    `give both ends the same secret: --secret-file at the buffer, --buffer ${smscId}=FILE at the IM server`,
  LINK_UNKNOWN_SMSC: ({ smscId }) => `name this buffer at the IM server: --buffer ${smscId}=FILE; or correct --smsc-id`,
  LINK_VERSION: () => 'run the same version of ringbridge at both ends',
  LINK_ANOTHER_BUFFER: ({ smscId }) => `stop the other buffer of ${smscId}: one SMSC has one`,
  LINK_STORE_RETIRED: () =>
    'stop this buffer; what only it holds is handed in with `sync replay --state-dir DIR --state-dir IM-SERVER`',
  STORE_WENT_BACK: () => 'nothing: both ends compare as soon as the link is up again',
};

const sessionRemedies: Readonly<Record<string, string>> = {
  PEER_UNREACHABLE: 'see whether the SMSC listens there and can be reached from here: `doctor --smsc URL`',
  SESSION_LOGIN_REFUSED: 'check --user, --password-file and --subaddress with whoever runs the SMSC',
  SESSION_RESPONSE_TIMEOUT:
    'the SMSC takes packets and answers none: ask whoever runs it; the buffer logs in again by itself',
  SESSION_OUT_OF_SYNC: 'the line loses or changes bytes: look at it; the buffer logs in again by itself',
  SESSION_TOO_MANY_NACKS: 'the line loses or changes bytes: look at it; the buffer logs in again by itself',
  SESSION_LOST: 'nothing if it is back at once; otherwise ask whoever runs the SMSC why it closes',
};

export function linkRemedy(code: string | undefined, place: RemedyPlace): string {
  const known = code === undefined ? undefined : linkRemedies[code];
  return known?.(place) ?? 'look at the log of both ends for link.down and link.retry';
}

export function sessionRemedy(code: string | undefined): string {
  const known = code === undefined ? undefined : sessionRemedies[code];
  return known ?? 'look at the log of the buffer for session.state';
}
