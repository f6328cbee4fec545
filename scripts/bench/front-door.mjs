// Hands texts in as people do: a client of the IM server's WebSocket `/im`. Protocol: docs/im-protocol.md.
import { destination, textOf } from './turn-taker.mjs';

/** Sent and not yet answered, at most: far from what makes the server drop a client that does not read. */
const outstandingLimit = 400;

/**
 * Hands in `count` texts to many numbers, and waits until each is stored.
 *
 * @param {{ url: string, user: string, password: string }} server
 */
export async function handIn(server, count) {
  // Only now, since what is typed is judged before.
  const { WebSocket } = await import('ws');
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/im`, 'ringbridge.im.1');
    let sent = 0;
    let stored = 0;
    const say = (message) => socket.send(JSON.stringify(message));
    const goOn = () => {
      for (; sent < count && sent - stored < outstandingLimit; sent += 1) {
        say({ type: 'send', cid: `bench-${sent}`, to: destination(sent), text: textOf(sent) });
      }
    };
    socket.on('open', () => say({ type: 'login', user: server.user, password: server.password }));
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      if (stored < count) reject(new Error(`the IM server closed the connection: ${code} ${reason}`));
    });
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      switch (message.type) {
        case 'welcome':
          goOn();
          return;
        case 'stored':
          stored += 1;
          if (stored < count) {
            goOn();
            return;
          }
          socket.close();
          resolve(stored);
          return;
        case 'refused':
        case 'error':
          socket.close();
          reject(new Error(`the IM server refused a text: ${message.code} ${message.message}`));
          return;
        default:
          return;
      }
    });
  });
}
