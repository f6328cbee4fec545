// Who the other party of a conversation is: a number, a user of this server, or a sender of short messages that only has a
// name. The server writes such a name in quotes, which no user's name can hold.

/** @returns { kind: 'number' | 'user' | 'sender', name } the name as it is to be shown */
export function partyOf(peer) {
  const quoted = /^"(.*)"$/s.exec(peer)?.[1];
  if (quoted !== undefined) return { kind: 'sender', name: shownName(quoted) };
  return { kind: /^\+?[0-9]+$/.test(peer) ? 'number' : 'user', name: peer };
}

/** What is typed for a new conversation: a number without its ornaments, or a name; undefined if it is neither. */
export function parsePeer(typed) {
  const number = typed
    .trim()
    .replace(/[\s().\-/]/g, '')
    .replace(/^00(?=[1-9])/, '+');
  if (/^\+?[0-9]{2,20}$/.test(number)) return number;
  const name = typed.trim().replace(/^@/, '').toLowerCase();
  if (/^[a-z][a-z0-9._-]{0,31}$/.test(name)) return name;
  // Of another network: whether it leads to anybody is for the server to say.
  return /^[^\s@"<>]{1,40}@[a-z0-9.-]{3,40}$/.test(name) ? name : undefined;
}

/** What a name could hide behind, or turn what stands beside it with, shows as a sign; joiners are part of some scripts. */
function shownName(name) {
  const shown = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/gu, (sign) => (/[\u200c\u200d]/.test(sign) ? sign : '\ufffd'));
  return /[^\p{Z}\p{C}\p{M}\ufffd]/u.test(shown) ? shown : 'without a visible name';
}
