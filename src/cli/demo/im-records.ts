/**
 * What the IM server's store holds for one user, read over its own protocol: every text with its last step and marks.
 * For judging afterwards; whoever wants to see things move uses `ImClient`. Source: docs/im-protocol.md.
 */
import { WebSocket } from 'ws';
import type { TextView } from '../../core/im/text.ts';
import { type ServerMessage, subprotocol } from '../../gateways/web/protocol.ts';
import type { DemoUser } from './world.ts';

const answerWithinMs = 30_000;

/** In the order of the user's history. @throws Error where the server does not answer; it is the demo's own */
export function readImRecords(imUrl: URL, { name, password }: DemoUser): Promise<readonly TextView[]> {
  const address = new URL('im', imUrl);
  address.protocol = imUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, subprotocol, { handshakeTimeout: answerWithinMs });
  const texts = new Map<string, TextView>();
  return new Promise<readonly TextView[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
    const say = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('open', () => say({ type: 'login', user: name, password }));
    socket.on('error', reject);
    socket.on('close', (_code, reason) => reject(new Error(`closed: ${String(reason)}`)));
    socket.on('message', (data) => {
      // The server is of this very version.
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'welcome') say({ type: 'resume', position: 0 });
      if (message.type === 'error') reject(new Error(message.message));
      if (message.type !== 'changes') return;
      for (const text of message.texts) texts.set(text.id, text);
      if (!message.isComplete) {
        say({ type: 'resume', position: message.position });
        return;
      }
      clearTimeout(timer);
      resolve([...texts.values()].sort((a, b) => a.order - b.order));
    });
  }).finally(() => socket.close());
}
