/**
 * Passwords as salted scrypt hashes: `scrypt$15$8$1$SALT$HASH`, so that the cost can rise later and old ones still be
 * read. Hashing takes 32 MiB and a tenth of a second on purpose; how much of it runs at once is bounded here, so that
 * strangers at the door cannot fill the memory.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { OperatorError } from '../../core/base/errors.ts';

/** N = 2^15, r, p: about 0.1 s and 32 MiB. */
const cost = { logN: 15, r: 8, p: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** Characters; longer ones are refused, shorter ones too. */
export const passwordLength = { shortest: 4, longest: 256 } as const;

/** @throws OperatorError IM_BAD_PASSWORD for a password that is too short or too long */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < passwordLength.shortest || password.length > passwordLength.longest) {
    throw new OperatorError({
      code: 'IM_BAD_PASSWORD',
      message: `The password has ${password.length} characters.`,
      hint: `Choose one of ${passwordLength.shortest} to ${passwordLength.longest} characters.`,
    });
  }
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** Takes as long for a hash that nobody has as for a wrong password. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const known = parse(hash ?? nobodysHash);
  if (known === undefined || password.length > passwordLength.longest) return false;
  const derived = await derive(password, known.salt, known.cost);
  return timingSafeEqual(derived, known.hash) && hash !== undefined;
}

const nobodysHash = `scrypt$${cost.logN}$${cost.r}$${cost.p}$${'A'.repeat(22)}==$${'A'.repeat(43)}=`;

/** Lets so many run at once and so many wait; more are turned away. */
export class HashingQueue {
  readonly #atOnce: number;
  readonly #waitingLimit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce, waitingLimit }: { readonly atOnce: number; readonly waitingLimit: number }) {
    this.#atOnce = atOnce;
    this.#waitingLimit = waitingLimit;
  }

  /** @returns what the work gives, or undefined if too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#waitingLimit) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

function parse(hash: string): { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const [kind, logN, r, p, salt, digest] = hash.split('$');
  if (kind !== 'scrypt' || salt === undefined || digest === undefined) return undefined;
  const parsed = { cost: { logN: Number(logN), r: Number(r), p: Number(p) }, salt: Buffer.from(salt, 'base64') };
  const bytes = Buffer.from(digest, 'base64');
  return bytes.length === hashBytes && parsed.cost.logN <= 20 ? { ...parsed, hash: bytes } : undefined;
}

function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    // One kind of spelling for letters with accents, whatever keyboard they came from.
    scrypt(password.normalize('NFC'), salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}
