// Who the other party of a conversation is: a number, a user of this server, or a sender of short messages that only has a
// name. The server writes such a name in quotes, which no user's name can hold.

/** @returns { kind: 'number' | 'user' | 'sender', name } */
export function partyOf(peer) {
  const quoted = /^"(.*)"$/s.exec(peer)?.[1];
  if (quoted !== undefined) return { kind: 'sender', name: quoted };
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
