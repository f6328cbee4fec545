// A CIMD2 client as bare as possible: logs in and submits strictly in turn, the next packet with the answer to the last.
// It shares no code with the buffer, so that what is measured against does not move with what is measured.
import { connect } from 'node:net';

const stx = '\x02';
const etx = '\x03';
const tab = '\t';
const silenceMs = 10_000;

/**
 * Takes turns with an SMSC and measures them.
 *
 * @param {{ port: number, user: string, password: string }} smsc on 127.0.0.1
 * @param {{ warmUp: number, turns: number, forMs: number }} options ends after so many turns or so long, whatever is first
 * @returns {Promise<{ turns: number, meanMs: number, medianMs: number }>} of what came after the warm-up
 */
export function takeTurns(smsc, { warmUp, turns, forMs }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: smsc.port, noDelay: true });
    const spans = [];
    let received = '';
    let state = 'logging-in';
    let packetNumber = 1;
    let sent = 0;
    let sentAt = 0n;
    let endAt = 0;

    const send = (operation, parameters) => {
      socket.write(packet(operation, packetNumber, parameters), 'latin1');
      packetNumber = (packetNumber + 2) & 0xff;
    };
    const submit = () => {
      const to = destination(sent);
      sent += 1;
      sentAt = process.hrtime.bigint();
      // The parameters of the buffer's own submit; 050 is two days.
      send('03', [`021:${to}`, `033:${textOf(sent)}`, '050:168']);
    };
    const answered = (answer) => {
      if (answer.includes(`${tab}900:`) || answer.startsWith(`${stx}97`)) {
        socket.destroy(new Error(`the SMSC refused: ${JSON.stringify(answer)}`));
        return;
      }
      if (state === 'logging-in') {
        state = 'submitting';
      } else if (sent > warmUp) {
        spans.push(Number(process.hrtime.bigint() - sentAt) / 1e6);
      }
      if (sent === warmUp) endAt = performance.now() + forMs;
      const isOver = sent >= warmUp + turns || (sent > warmUp && performance.now() >= endAt);
      if (!isOver) {
        submit();
        return;
      }
      socket.destroy();
      const sum = spans.reduce((total, span) => total + span, 0);
      resolve({ turns: spans.length, meanMs: sum / spans.length, medianMs: median(spans) });
    };
    socket.setTimeout(silenceMs, () => socket.destroy(new Error(`the SMSC was silent for ${silenceMs / 1_000} s`)));
    socket.setEncoding('latin1');
    socket.on('connect', () => send('01', [`010:${smsc.user}`, `011:${smsc.password}`]));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received += chunk;
      for (;;) {
        const begin = received.indexOf(stx);
        const end = received.indexOf(etx, begin);
        if (begin === -1 || end === -1) return;
        const answer = received.slice(begin, end);
        received = received.slice(end + 1);
        // What the SMSC begins itself is left alone; nothing is asked for that would make it begin.
        if (/^\x02(5[13]|9[78])/.test(answer)) answered(answer);
      }
    });
  });
}

/** Conversations are kept in order one by one, so there are many of them. */
const destinationCount = 1_000;

export function destination(count) {
  return `+35840${String(1_000_000 + (count % destinationCount)).padStart(7, '0')}`;
}

export function textOf(count) {
  return `Message ${count} of the benchmark, about as long as people write.`;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function packet(operation, packetNumber, parameters) {
  const body = `${stx}${operation}:${String(packetNumber).padStart(3, '0')}${tab}${parameters.map((one) => one + tab).join('')}`;
  let sum = 0;
  for (let index = 0; index < body.length; index += 1) sum += body.charCodeAt(index);
  return `${body}${(sum % 256).toString(16).toUpperCase().padStart(2, '0')}${etx}`;
}
