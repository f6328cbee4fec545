/**
 * Finds where logins begin in the bytes of a line that has no beginning of a connection. STX stands nowhere within a
 * packet, so the header of a login is found without reading the rest. SPEC: reference sections 1.1 and 2.2.
 */

const stx = 2;
/** STX, operation 01, colon. */
const login = [stx, 0x30, 0x31, 0x3a] as const;

export type Found =
  /** Bytes of the session that is under way, if there is one. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** A login begins with the bytes that come next. */
  | { readonly type: 'login' };

export class LoginFinder {
  /** How many bytes of the header ended the last chunk; these are kept back. */
  #matched = 0;

  push(chunk: Uint8Array): Found[] {
    const found: Found[] = [];
    const bytes = new Uint8Array(this.#matched + chunk.length);
    bytes.set(login.slice(0, this.#matched));
    bytes.set(chunk, this.#matched);
    let from = 0;
    let at = bytes.indexOf(stx);
    for (; at >= 0; at = bytes.indexOf(stx, at + 1)) {
      const isMatch = login.every((byte, offset) => at + offset >= bytes.length || bytes[at + offset] === byte);
      if (!isMatch) continue;
      if (at > from) found.push({ type: 'bytes', bytes: bytes.slice(from, at) });
      from = at;
      if (at + login.length > bytes.length) break;
      found.push({ type: 'login' });
    }
    this.#matched = at < 0 ? 0 : bytes.length - from;
    if (this.#matched === 0 && from < bytes.length) found.push({ type: 'bytes', bytes: bytes.slice(from) });
    return found;
  }
}
