// What the page knows: conversations, their texts, what waits. Changed only here; whoever shows it is told afterwards.

export class Model {
  user = undefined;
  suffix = undefined;
  reports = 'final';
  /** National alphabets that a text may leave in; see estimate.js. */
  alphabets = [];
  isConnected = false;
  /** May see the rings. */
  isAdmin = false;
  /** Users who are at a client of theirs, or connected and not at it, of those with a conversation here. */
  people = { here: new Set(), away: new Set() };
  /** By number, of those with a conversation here: { state, words } where something is out of order on the way to it. */
  troubles = new Map();
  /** Undefined until they were told; see rings.js. */
  rings = undefined;
  /** What the last search found: { words, texts }. */
  found = undefined;
  /** The last position heard of; resume goes on behind it. */
  position = undefined;
  /** Asked for what was missed, and not all of it is here. */
  isResuming = false;
  links = [];
  /** Of the conversations that nothing new came to, those with a last text before this order are not here. */
  listedFrom = Infinity;
  /** By peer: { peer, texts: Map(id → text), hasMore, isLoaded, unread, readUpTo } */
  conversations = new Map();

  conversation(peer) {
    let found = this.conversations.get(peer);
    if (found === undefined) {
      found = { peer, texts: new Map(), hasMore: false, isLoaded: false, unread: 0, readUpTo: 0 };
      this.conversations.set(peer, found);
    }
    return found;
  }

  /** @returns 'here' | 'away' | 'gone', as far as the server tells; nobody is here while it is away itself */
  presenceOf(peer) {
    if (!this.isConnected) return 'gone';
    if (this.people.here.has(peer)) return 'here';
    return this.people.away.has(peer) ? 'away' : 'gone';
  }

  /** It is looked at: where reading goes on, for the line between what was read and what was not. */
  open(peer) {
    const conversation = this.conversation(peer);
    conversation.openedUnread = conversation.unread;
    conversation.openedFrom = conversation.readUpTo + 1;
  }

  /** @returns whether the text is new here */
  take(text) {
    const conversation = this.conversation(text.peer);
    const known = conversation.texts.get(text.id);
    if (known !== undefined && known.position >= text.position) return false;
    conversation.texts.set(text.id, text);
    if (known === undefined && text.direction === 'in' && text.order > conversation.readUpTo) conversation.unread += 1;
    return known === undefined;
  }

  takeChanges({ texts, position, isComplete }) {
    for (const text of texts) this.take(text);
    this.position = Math.max(this.position ?? 0, position);
    this.isResuming = !isComplete;
  }

  takeStep(event) {
    this.advance(event.position);
    const text = this.conversations.get(event.peer)?.texts.get(event.id);
    if (text === undefined || text.position >= event.position) return;
    const { step, reason, marks, position } = event;
    this.conversation(event.peer).texts.set(event.id, { ...text, step, reason, marks, position });
  }

  /** @param next where the next page of the list begins; undefined behind the last */
  takeConversations(list, next = 0) {
    this.listedFrom = Math.min(this.listedFrom, next);
    for (const { peer, last, unread, readUpTo } of list) {
      const conversation = this.conversation(peer);
      conversation.readUpTo = Math.max(conversation.readUpTo, readUpTo);
      this.take(last);
      conversation.unread = unread;
    }
  }

  takeHistory(peer, texts, hasMore) {
    const conversation = this.conversation(peer);
    const unread = conversation.unread;
    for (const text of texts) this.take(text);
    conversation.unread = unread;
    conversation.hasMore = hasMore;
    conversation.isLoaded = true;
  }

  takeRead(peer, order) {
    const conversation = this.conversation(peer);
    conversation.readUpTo = Math.max(conversation.readUpTo, order);
    const isUnread = (text) => text.direction === 'in' && text.order > conversation.readUpTo;
    conversation.unread = [...conversation.texts.values()].filter(isUnread).length;
  }

  /** @returns the newest place, if there is something unread; it then counts as read */
  markRead(peer) {
    const conversation = this.conversations.get(peer);
    if (conversation === undefined || conversation.unread === 0) return undefined;
    const order = Math.max(0, ...Array.from(conversation.texts.values(), (text) => text.order));
    this.takeRead(peer, order);
    conversation.unread = 0;
    return order;
  }

  /**
   * Only for what came as an event or as a change, which come in order: what was read out of the history may be ahead
   * of events still on their way, and resuming there would pass them over. So would an event that comes while what was
   * missed before it is still on its way.
   */
  advance(position) {
    if (this.position !== undefined && !this.isResuming) this.position = Math.max(this.position, position);
  }

  /** Oldest first. */
  textsOf(peer) {
    const texts = [...(this.conversations.get(peer)?.texts.values() ?? [])];
    return texts.sort((a, b) => a.order - b.order);
  }

  lastOf(conversation) {
    let last;
    for (const text of conversation.texts.values()) if (last === undefined || text.order > last.order) last = text;
    return last;
  }

  /** With whom there is a conversation. */
  get newestFirst() {
    const orders = Array.from(this.conversations.values(), (one) => [one.peer, this.lastOf(one)?.order ?? 0]);
    return orders.sort(([, a], [, b]) => b - a).map(([peer]) => peer);
  }

  get unread() {
    let sum = 0;
    for (const conversation of this.conversations.values()) sum += conversation.unread;
    return sum;
  }
}
