/**
 * Addresses of XMPP, and what they mean here: a number, a user or a sender of the short side is the part before the `@` of
 * the component's domain. SPEC: RFC 7622; XEP-0106 for what may not stand there as it is.
 */

export interface Jid {
  /** Lower case, escaped; undefined for an address that is a domain. */
  readonly local: string | undefined;
  /** Lower case. */
  readonly domain: string;
  readonly resource: string | undefined;
}

/** Bytes of each part are fewer than 1,024 by RFC 7622; what is kept here is a key of the store, which is shorter. */
const partLimit = 255;

/** @returns undefined for what is none, or too long for the store */
export function parseJid(text: string): Jid | undefined {
  const slash = text.indexOf('/');
  const [bare, resource] = slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
  const at = bare.indexOf('@');
  const local = at < 0 ? undefined : bare.slice(0, at).toLowerCase();
  const domain = bare.slice(at + 1).toLowerCase();
  if (domain === '' || domain.length > partLimit || /[\s@/<>&'"]/.test(domain)) return undefined;
  if (local !== undefined && (local === '' || local.length > partLimit || /[\s"&'/:<>@]/.test(local))) return undefined;
  if (resource !== undefined && (resource === '' || resource.length > 1_023)) return undefined;
  return { local, domain, resource };
}

/** Without the resource: the account, not one of its clients. */
export function bareOf({ local, domain }: Jid): string {
  return local === undefined ? domain : `${local}@${domain}`;
}

export function formatJid(jid: Jid): string {
  return jid.resource === undefined ? bareOf(jid) : `${bareOf(jid)}/${jid.resource}`;
}

const escaped = ['20', '22', '26', '27', '2f', '3a', '3c', '3e', '40', '5c'] as const;

/** Writes any text so that it may stand before an `@`. SPEC: XEP-0106 sections 4.2 and 4.3. */
export function escapeLocal(text: string): string {
  return text.replace(/\\(?=(?:20|22|26|27|2f|3a|3c|3e|40|5c))|[ "&'/:<>@]/gi, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return `\\${code}`;
  });
}

export function unescapeLocal(local: string): string {
  return local.replace(/\\([0-9a-f]{2})/gi, (whole, code: string) => {
    const known = escaped.find((one) => one === code.toLowerCase());
    return known === undefined ? whole : String.fromCharCode(Number.parseInt(known, 16));
  });
}

/** Whom an address at the component's domain means. */
export type Party =
  | { readonly type: 'number'; readonly number: string }
  | { readonly type: 'user'; readonly name: string }
  /** An alphanumeric originator (`MyBank`): nobody can write to it. */
  | { readonly type: 'sender'; readonly name: string };

/** A sender's name stands in quotes, which no user's name can hold: so nobody can pose as a user. */
export function localOf(party: Party): string {
  switch (party.type) {
    case 'number':
      return party.number;
    case 'user':
      return party.name;
    case 'sender':
      // Addresses have no case; the name as it was sent travels as a nickname.
      return escapeLocal(`"${party.name}"`).toLowerCase();
  }
}

/** @param local as in an address */
export function partyOf(local: string): Party {
  const text = unescapeLocal(local);
  const quoted = /^"(.*)"$/s.exec(text);
  if (quoted?.[1] !== undefined) return { type: 'sender', name: quoted[1] };
  const number = text.replace(/[\s().\-/]/g, '').replace(/^00(?=[1-9])/, '+');
  if (/^\+?[0-9]{2,20}$/.test(number)) return { type: 'number', number };
  return { type: 'user', name: text };
}
