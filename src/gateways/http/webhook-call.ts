/**
 * One call of a webhook: signs, sends, and reads no more of the answer than its status. The signature is that of
 * Standard Webhooks, so that there are libraries to check it. Redirects are not followed.
 */
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageDocument } from './answer.ts';
import type { Delivery, Verdict } from './courier.ts';
import type { Webhook } from './webhook.ts';
import { guardedLookup, parseTarget, type Reach } from './webhook-target.ts';

/** From the beginning of the connection to the status. */
const callTimeoutMs = 10_000;

export interface Call {
  readonly hook: Webhook;
  readonly delivery: Delivery;
  readonly reach: Reach;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Keeps connections open between calls. */
export class WebhookCaller {
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16 }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16 }),
  };

  call({ hook, delivery, reach, now }: Call): Promise<Verdict> {
    const url = parseTarget(hook.url, reach);
    if (!url.ok) return Promise.resolve({ type: 'gone', why: url.fault.message });
    const { id, body } = eventOf(delivery);
    const time = String(Math.floor(now / 1_000));
    const isTls = url.value.protocol === 'https:';
    return new Promise((resolve) => {
      const fail = (why: string): void => resolve({ type: 'trouble', why, retryAfterMs: undefined });
      const request = (isTls ? httpsRequest : httpRequest)(url.value, {
        method: 'POST',
        agent: isTls ? this.#agents.https : this.#agents.http,
        lookup: guardedLookup(reach),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'ringbridge',
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': `v1,${signatureOf(hook.secret, id, time, body)}`,
        },
      });
      const timer = setTimeout(() => {
        fail(`no answer within ${callTimeoutMs / 1_000} s`);
        request.destroy();
      }, callTimeoutMs);
      request.on('response', (response) => {
        resolve(verdictOf(response));
        // What it says beyond its status is nobody's concern; a short rest lets the connection be used again.
        let rest = 0;
        response.on('data', (chunk: Buffer) => {
          rest += chunk.length;
          if (rest > 64 * 1024) request.destroy();
        });
      });
      request.on('error', (error) => fail('code' in error ? String(error.code) : error.message));
      request.on('close', () => {
        clearTimeout(timer);
        fail('the connection ended before an answer');
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

/** The id tells deliveries of one event from each other's repetitions: it is the same however often it comes. */
function eventOf({ text }: Delivery): { readonly id: string; readonly body: string } {
  const id = `${text.id}.${text.position}`;
  return {
    id,
    body: JSON.stringify({ schema: 'webhook.event/1', type: 'message', id, message: messageDocument(text) }),
  };
}

/** @param secret `whsec_` and base64 @returns base64 of HMAC-SHA256 over `id.time.body` */
export function signatureOf(secret: string, id: string, time: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
}

function verdictOf(response: IncomingMessage): Verdict {
  const status = response.statusCode ?? 0;
  const why = `answered ${status}`;
  if (status >= 200 && status < 300) return { type: 'taken' };
  if (status === 410) return { type: 'gone', why };
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const seconds = Number(response.headers['retry-after']);
    return { type: 'trouble', why, retryAfterMs: Number.isFinite(seconds) ? Math.max(0, seconds) * 1_000 : undefined };
  }
  return { type: 'refused', why };
}
