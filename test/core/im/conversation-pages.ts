// The list of conversations as a client reads it that goes from page to page.
import { type Conversation, historyOf, type RecordReader } from '../../../src/core/im/history.ts';

export function allPages(store: RecordReader, user: string, limit: number): readonly Conversation[] {
  const all: Conversation[] = [];
  for (let before: number | undefined; ; ) {
    const page = historyOf(store).conversations(user, { limit, before });
    all.push(...page);
    if (page.length < limit) return all;
    before = page.at(-1)?.last.order;
  }
}
