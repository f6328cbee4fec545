import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { blockedReason, reasonOfReport } from '../../../src/core/im/reasons.ts';
import { type TextView, textId } from '../../../src/core/im/text.ts';
import { fateStanzas } from '../../../src/gateways/xmpp/delivery.ts';
import { namespaces } from '../../../src/gateways/xmpp/incoming-message.ts';
import { errorOfReason, messageStanza } from '../../../src/gateways/xmpp/outgoing.ts';
import { childOf, elementsIn } from '../../../src/gateways/xmpp/xml.ts';

const view: TextView = {
  ...{ id: textId('00000000-0000-7000-8000-000000000001'), direction: 'in', peer: '+358401234567', text: 'hello' },
  ...{ at: instant(1_000_000), order: 1, position: 1, step: 'stored', reason: undefined, cid: '', parts: 1, marks: [] },
};
const route = { domain: 'sms.localhost', to: 'alice@localhost', from: { type: 'number', number: view.peer } } as const;
const sent = { id: 'm1', from: 'alice@localhost/phone', to: '+358401234567@sms.localhost', wantsReceipt: true };

describe('a message stanza', () => {
  it.each([
    [0, false],
    [5_000, false],
    [5_001, true],
  ])('of a text that is %d ms old says when it was sent: %s (XEP-0203)', (age, isTold) => {
    const delay = childOf(messageStanza(view, route, view.at + age), 'delay', namespaces.delay);
    expect(delay?.attrs['stamp']).toBe(isTold ? '1970-01-01T00:16:40.000Z' : undefined);
  });

  it('is the same whenever it is made, but for the delay (XEP-0359)', () => {
    const [first, later] = [messageStanza(view, route, view.at), messageStanza(view, route, view.at + 3_600_000)];
    expect(later.attrs).toEqual(first.attrs);
    expect(elementsIn(later).filter(({ name }) => name !== 'delay')).toEqual(elementsIn(first));
  });
});

describe('what a sender is told', () => {
  it.each([
    [reasonOfReport(3, 1), 'Not delivered: the network does not know this number (061:3 062:1). Check the number.'],
    [blockedReason, 'Not delivered: the receiver does not take messages from you (IM_BLOCKED)'],
    [undefined, 'Not delivered.'],
  ])('of %j is a sentence', (reason, sentence) => {
    expect(errorOfReason(reason).words).toBe(sentence);
  });

  it.each([
    ['stored', []],
    ['accepted', []],
    ['unknown', []],
    ['delivered', ['received']],
    ['failed', ['error']],
  ] as const)('at the step %s is %j', (step, told) => {
    const stanzas = fateStanzas(sent, { ...view, direction: 'out', step });
    expect(stanzas.flatMap((stanza) => elementsIn(stanza)).map(({ name }) => name)).toEqual(told);
  });
});
