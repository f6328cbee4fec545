/** Why a stanza is refused whatever it is about. Those of texts are in `outgoing.ts`. */
import type { StanzaError } from './outgoing.ts';

export const unknownAccount: StanzaError = {
  type: 'auth',
  condition: 'registration-required',
  words: 'This account is not known here: register it at the gateway with the name and password of a user.',
};

export const tooMany: StanzaError = {
  type: 'wait',
  condition: 'resource-constraint',
  words: 'Too many at once; try again later.',
};
