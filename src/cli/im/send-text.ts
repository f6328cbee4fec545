/** Sends one text as a user and waits until it has come as far as wanted. */
import { randomUUID } from 'node:crypto';
import { OperatorError } from '../../core/base/errors.ts';
import { isUserName } from '../../core/im/address.ts';
import { steps, type TextView } from '../../core/im/text.ts';
import { exitStatus } from '../exit-status.ts';
import { ImClient, type ImClientOptions } from './im-client.ts';

export type WantedStep = 'stored' | 'accepted' | 'delivered';

/** As they are said on the command line: the steps, and the words that people see for `accepted`. */
export const wantedSteps = {
  stored: 'stored',
  'at-smsc': 'accepted',
  accepted: 'accepted',
  delivered: 'delivered',
} as const;

export interface SendOptions extends Omit<ImClientOptions, 'on' | 'presence'> {
  readonly to: string;
  readonly text: string;
  readonly wait: WantedStep;
  readonly timeoutMs: number;
}

/**
 * @returns the last state seen, which may be short of the wanted step when the time is over
 * @throws OperatorError with exit status 3 (refused), 4, 5, or 6 (handed in, and no answer)
 */
export function sendText(options: SendOptions): Promise<TextView> {
  const cid = randomUUID();
  return new Promise((resolve, reject) => {
    let last: TextView | undefined;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      client.close();
      settle();
    };
    const timer = setTimeout(() => {
      if (last === undefined) end(() => reject(noAnswer(options.url, client.wasReady ? 'sent' : 'nothing')));
      else end(() => resolve(last as TextView));
    }, options.timeoutMs);
    const client = new ImClient({
      url: options.url,
      user: options.user,
      password: options.password,
      ca: options.ca,
      presence: 'gone',
      on: {
        ready: () => undefined,
        links: () => undefined,
        lost: () => undefined,
        text: (text) => {
          if (text.cid !== cid || text.direction !== 'out') return;
          last = text;
          if (isEnough(text, options.wait)) end(() => resolve(text));
        },
        refused: ({ code, message }) => {
          const hint = 'Change address or text; the same request will be refused again.';
          end(() => reject(new OperatorError({ code, message, hint, exitStatus: exitStatus.refused })));
        },
        failed: (error) => end(() => reject(error)),
      },
    });
    client.submit(cid, options.to, options.text);
    client.open();
  });
}

/** Come as far as wanted, or ended short of it. A text to a user is at its end when it is stored: no SMSC has a part in it. */
export function isEnough(text: Pick<TextView, 'step' | 'peer' | 'marks'>, wanted: WantedStep): boolean {
  if (text.marks.includes('no-report') || text.step === 'failed' || text.step === 'unknown' || isUserName(text.peer))
    return true;
  return steps.indexOf(text.step) >= steps.indexOf(wanted);
}

/** Whether a text that failed may be sent again later with better luck: it was too much, or there was no time for it. */
export function isWorthRetrying({ step, reason }: Pick<TextView, 'step' | 'reason'>): boolean {
  return step === 'failed' && (reason?.code === '900:10' || reason?.code === 'expired');
}

/** @returns 0, 3 (failed) or 6 (unknown, or not there in time) */
export function exitStatusOfText(text: Pick<TextView, 'step' | 'peer' | 'marks'>, wanted: WantedStep): number {
  if (text.step === 'failed') return exitStatus.refused;
  const isShort = text.marks.includes('no-report') && steps.indexOf(text.step) < steps.indexOf(wanted);
  if (text.step === 'unknown' || isShort || !isEnough(text, wanted)) return exitStatus.outcomeUnknown;
  return exitStatus.done;
}

function noAnswer(url: URL, handedIn: 'sent' | 'nothing'): OperatorError {
  if (handedIn === 'nothing') {
    return new OperatorError({
      code: 'PEER_UNREACHABLE',
      message: `The IM server at ${url.origin} did not answer in time. Nothing was sent.`,
      hint: 'Check --url, and that the IM server runs.',
      exitStatus: exitStatus.unreachable,
      retryable: true,
    });
  }
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `The IM server at ${url.origin} was given the text and did not say that it stored it.`,
    hint: "Look at the user's conversation before sending it again.",
    exitStatus: exitStatus.outcomeUnknown,
  });
}
