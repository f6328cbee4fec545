// The WebSocket to the server: comes back by itself, notices silence, and says what it hears. Knows no chat.

const pingMs = 20_000;
const silenceMs = 10_000;
const firstRetryMs = 500;
const retryCapMs = 15_000;

export class Connection {
  #handlers;
  #socket;
  #attempts = 0;
  #retryTimer;
  #pingTimer;
  #silenceTimer;
  #isWanted = false;

  /** @param handlers { presence(), message(object), down(), loginNeeded() }: `presence` is asked when a connection begins */
  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener('online', () => this.#retryNow());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#retryNow();
    });
  }

  open() {
    this.#isWanted = true;
    this.#attempts = 0;
    this.#connect();
  }

  close() {
    this.#isWanted = false;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** @returns whether it was handed to the socket; not whether it arrived */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    this.#drop();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const presence = this.#handlers.presence();
    const socket = new WebSocket(`${scheme}://${location.host}/im?presence=${presence}`, 'ringbridge.im.1');
    this.#socket = socket;
    this.#listenForSilence(silenceMs);
    socket.addEventListener('message', (event) => {
      if (socket !== this.#socket) return;
      this.#hear();
      const message = JSON.parse(event.data);
      if (message.type === 'welcome') this.#attempts = 0;
      if (message.type !== 'pong') this.#handlers.message(message);
    });
    socket.addEventListener('close', (event) => {
      if (socket !== this.#socket) return;
      this.#drop();
      if (event.code === 4001) {
        this.#isWanted = false;
        this.#handlers.loginNeeded();
      } else this.#lost();
    });
  }

  #lost() {
    this.#handlers.down();
    if (!this.#isWanted) return;
    const wait = Math.min(retryCapMs, firstRetryMs * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#retryTimer = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2));
  }

  #retryNow() {
    if (this.#isWanted && this.#socket === undefined) this.#connect();
  }

  #hear() {
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => {
      this.send({ type: 'ping' });
      this.#listenForSilence(silenceMs);
    }, pingMs);
  }

  #listenForSilence(ms) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#drop();
      this.#lost();
    }, ms);
  }

  #drop() {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
