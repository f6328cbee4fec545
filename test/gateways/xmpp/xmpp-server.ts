// An XMPP server as bare as possible, for one component: takes its handshake, routes nothing, remembers all it hears, and
// answers pings when a test lets it. It can be cut and come back on the same port.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { childOf, type Element, elementsIn, stanza, write } from '../../../src/gateways/xmpp/xml.ts';
import { XmlReader } from '../../../src/gateways/xmpp/xml-reader.ts';

const streams = 'http://etherx.jabber.org/streams';

export class XmppServerInTest {
  /** Everything but pings. */
  readonly heard: Element[] = [];
  /** Set to leave pings without an answer. */
  isSilent = false;
  readonly #withheld: (() => void)[] = [];
  connections = 0;
  /** Called with everything but pings, as it comes. */
  readonly onStanza: ((heard: Element) => void)[] = [];
  /** Called when a component has logged in. */
  readonly onOnline: (() => void)[] = [];
  readonly #secret: string;
  #server: Server | undefined;
  #socket: Socket | undefined;
  /** The one that a component has logged in on. */
  #online: Socket | undefined;
  #port = 0;
  #waiting: (() => void)[] = [];

  constructor(secret: string) {
    this.#secret = secret;
  }

  get port(): number {
    return this.#port;
  }

  /** Whether what is sent now has somebody to go to. */
  get isOnline(): boolean {
    return this.#online?.destroyed === false;
  }

  async start(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server is bound to an address and port, never a path.
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.#socket?.destroy();
    await closed;
  }

  /** As a server that is killed. */
  cut(): void {
    this.#socket?.destroy();
  }

  /** Says goodbye, as a server that is stopped: what it took, it has. */
  leave(): void {
    this.#socket?.end('</stream:stream>');
  }

  /** Those that were left without an answer have it now. */
  answerPings(): void {
    for (const pong of this.#withheld.splice(0)) pong();
  }

  send(...stanzas: readonly Element[]): void {
    this.#socket?.write(stanzas.map((item) => write(item)).join(''));
  }

  /** Each byte by itself, as slow lines do. */
  async sendBytes(item: Element): Promise<void> {
    for (const byte of Buffer.from(write(item))) {
      this.#socket?.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Takes the first stanza that fits out of what was heard, once it comes. */
  async hear(fits: (heard: Element) => boolean): Promise<Element> {
    for (;;) {
      const index = this.heard.findIndex(fits);
      const [found] = index < 0 ? [] : this.heard.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when a component is logged in that was not before. */
  async connected(count: number): Promise<void> {
    while (this.connections < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    const reader = new XmlReader();
    const id = 'c0ffee';
    socket.setEncoding('utf8').setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      for (const item of reader.read(text)) {
        if (item.type === 'opened') {
          socket.write(`<stream:stream xmlns:stream='${streams}' xmlns='jabber:component:accept' id='${id}'>`);
        } else if (item.type === 'element') this.#take(item.element, id, socket);
      }
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  #take(element: Element, id: string, socket: Socket): void {
    if (element.name === 'handshake') {
      const proof = createHash('sha1').update(`${id}${this.#secret}`).digest('hex');
      if (element.children.join('') === proof) {
        this.connections += 1;
        socket.write('<handshake/>');
        this.#online = socket;
        for (const tell of this.onOnline) tell();
        return;
      }
      const condition = "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
      socket.end(`<stream:error>${condition}</stream:error></stream:stream>`);
    } else if (childOf(element, 'ping', 'urn:xmpp:ping') !== undefined && element.attrs['type'] === 'get') {
      const { from, to, id: ping } = element.attrs;
      const pong = (): void => {
        socket.write(write(stanza('iq', { type: 'result', from: to, to: from, id: ping })));
      };
      if (this.isSilent) this.#withheld.push(pong);
      else pong();
    } else {
      this.heard.push(element);
      for (const tell of this.onStanza) tell(element);
    }
  }
}

/** The names of what is inside the error of a stanza: its condition first. */
export function conditionsOf(heard: Element): readonly string[] {
  return elementsIn(heard)
    .filter(({ name }) => name === 'error')
    .flatMap((error) => elementsIn(error).map(({ name }) => name));
}
