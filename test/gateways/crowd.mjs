// A crowd in a process of its own: makes many connections to a port at once, half of which ask for a page and half of which
// say nothing, and holds those that are let in until it is told to leave. Prints how they fared as JSON, when no more than a
// given number still stand, or 20 s later.
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

const [port, count, mostStanding] = process.argv.slice(2).map(Number);
const atOnce = 500;
const fared = { asked: 0, made: 0, page: 0, refused: 0, failed: {} };
const standing = new Set();

/** Resolves when the connection stands, or has ended. */
function visit(number) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let said = '';
    fared.asked += 1;
    socket.on('connect', () => {
      fared.made += 1;
      standing.add(socket);
      if (number % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n');
      resolve();
    });
    socket.on('data', (chunk) => {
      if (said === '') fared[String(chunk).startsWith('HTTP/1.1 503') ? 'refused' : 'page'] += 1;
      said += chunk.length;
    });
    socket.on('error', (error) => {
      fared.failed[error.code] = (fared.failed[error.code] ?? 0) + 1;
    });
    socket.on('close', () => {
      standing.delete(socket);
      resolve();
    });
  });
}

for (let next = 0; next < count; next += atOnce) {
  await Promise.all(Array.from({ length: Math.min(atOnce, count - next) }, (_, index) => visit(next + index)));
}
// Those that were sent away find out when they come to it. A system that has too many at once forgets some that it has greeted; who says nothing
// never finds out, and so each says a letter now.
for (const socket of standing) if (socket.bytesWritten === 0) socket.write('G');
const lookMs = 20;
for (let leftMs = 20_000; standing.size > mostStanding && leftMs > 0; leftMs -= lookMs) await delay(lookMs);
process.stdout.write(`${JSON.stringify({ ...fared, standing: standing.size })}\n`);
process.stdin.on('data', () => process.exit(0));
process.stdin.on('end', () => process.exit(0));
