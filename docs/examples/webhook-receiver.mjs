// Takes the calls of a webhook (docs/http-api.md): prints each event once, refuses what is not genuine.
// Usage: WEBHOOK_SECRET=whsec_… node webhook-receiver.mjs [PORT]
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [secret = '', port = '8190'] = [process.env.WEBHOOK_SECRET, process.argv[2]];
if (!secret.startsWith('whsec_')) throw new Error('WEBHOOK_SECRET is missing: what making the webhook showed');

/** Ids of what was handled, the oldest first. Where a restart must not do it twice, keep them beside what was done. */
const handled = new Set();

function isGenuine(secret, headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given = '' } = headers;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`);
  const isFresh = Math.abs(Date.now() / 1000 - Number(time)) < 300;
  return isFresh && Buffer.byteLength(given) === wanted.length && timingSafeEqual(Buffer.from(given), wanted);
}

/** The status to answer with. */
function take(headers, body) {
  if (!isGenuine(secret, headers, body)) return 401;
  if (handled.has(headers['webhook-id'])) return 204;
  console.log(body);
  handled.add(headers['webhook-id']);
  if (handled.size > 100_000) handled.delete(handled.values().next().value);
  return 204;
}

const bodyLimit = 1_000_000;
const server = createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on('data', (chunk) => {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  });
  request.on('end', () => {
    const status = size > bodyLimit ? 413 : take(request.headers, Buffer.concat(chunks).toString());
    response.writeHead(status).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => console.error(`takes calls at ${server.address().port}`));
