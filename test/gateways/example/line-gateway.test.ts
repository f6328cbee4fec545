/** The example of docs/gateways.md: a new type of client beside the others, with nothing else changed. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/core/im/history.ts';
import { Logins } from '../../../src/gateways/web/logins.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { type LineGateway, lineGateway } from './line-gateway.ts';

/** Made once: it costs a tenth of a second. */
const hash = hashPassword('correct horse');
const phone = '+358401234567';

/** Types lines, and takes them as they come. */
class Typist {
  readonly #socket: Socket;
  readonly #lines: string[] = [];
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port });
    // Who is cut off while writing is told by an error, and then by the end.
    this.#socket.on('error', () => undefined);
    createInterface(this.#socket)
      .on('error', () => undefined)
      .on('line', (line) => {
        this.#lines.push(line);
        this.#wake();
      });
    this.#socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  type(line: string): this {
    this.#socket.write(`${line}\n`);
    return this;
  }

  typeOn(text: string): void {
    this.#socket.write(text);
  }

  /** The next line; undefined behind the last. */
  async hear(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift();
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

describe('a gateway of a hundred lines', () => {
  let im: ImServerInTest;
  let gateway: LineGateway | undefined;
  let port = 0;
  const typists: Typist[] = [];
  const typist = (): Typist => {
    const made = new Typist(port);
    typists.push(made);
    return made;
  };

  beforeEach(async () => {
    im = new ImServerInTest();
    const passwordHash = await hash;
    for (const [name, suffix] of [
      ['alice', '0001'],
      ['bob', '0002'],
    ] as const) {
      im.input({ type: 'user', ref: name, change: { type: 'add', name, suffix, passwordHash, role: 'ordinary' } });
    }
    const logins = new Logins({ users: historyOf(im.store), sessionKey: new Uint8Array(32), clock: Date.now });
    im.addGateway((world) => {
      gateway = lineGateway(world, logins, 0);
      return gateway;
    });
    port = (await gateway?.listening) ?? 0;
  });
  afterEach(() => {
    for (const one of typists.splice(0)) one.hangUp();
    gateway?.close();
  });

  it('brings texts both ways, each once, with true steps', async () => {
    const alice = typist().type('PASS alice correct horse');
    expect(await alice.hear()).toBe('WELCOME 0');
    alice.type(`TO ${phone} m1 hello you`).type(`TO ${phone} m1 hello you`);
    expect(await alice.hear()).toBe('STEP 1 m1 stored');
    expect(await alice.hear()).toBe('STEP 1 m1 stored');
    expect(im.enqueued).toHaveLength(1);
    im.confirm(0, '261122120000');
    expect(await alice.hear()).toBe('STEP 2 m1 accepted');
    im.report(0, '261122120000', 4);
    expect(await alice.hear()).toBe('STEP 3 m1 delivered');
    im.arrive(phone, '28820001', 'hello\nyourself');
    expect(await alice.hear()).toBe(`FROM 4 ${phone} hello yourself`);
  });

  it('joins its users with those of other gateways, and shows later what came while they were away', async () => {
    im.arrive(phone, '28820001', 'nobody listens');
    const bob = typist().type('PASS bob correct horse');
    await bob.hear();
    bob.type('TO alice m1 nor to me');
    await bob.hear();
    const alice = typist().type('PASS alice correct horse');
    expect(await alice.hear()).toBe('WELCOME 2');
    alice.type('SINCE 0');
    expect(await alice.hear()).toBe(`FROM 1 ${phone} nobody listens`);
    expect(await alice.hear()).toBe('FROM 2 bob nor to me');
    expect(await alice.hear()).toBe('END 2');
    expect(im.world.presenceOf('alice')).toBe('here');
    alice.type('SINCE 2');
    expect(await alice.hear()).toBe('END 2');
  });

  it('cuts off who never ends a line', async () => {
    const eve = typist().type('x'.repeat(10));
    await eve.hear();
    eve.typeOn('x'.repeat(200_000));
    expect(await eve.hear()).toBeUndefined();
  });

  it('lets in who has a password, and says why a text was refused', async () => {
    const eve = typist().type('TO alice m1 hi').type('PASS alice guess');
    expect(await eve.hear()).toMatch(/^REFUSED - IM_BAD_PASSWORD/);
    expect(await eve.hear()).toMatch(/^REFUSED PASS IM_BAD_PASSWORD/);
    const alice = typist().type('PASS alice correct horse');
    await alice.hear();
    alice.type('TO nobody m1 hi');
    expect(await alice.hear()).toMatch(/^REFUSED m1 IM_UNKNOWN_USER/);
  });
});
