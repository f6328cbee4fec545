/** What `im-server route` found, in sentences. */
import type { RouteAnswer } from '../../core/im/explain.ts';

export function routeLines(answer: RouteAnswer): readonly string[] {
  return answer.type === 'to-handset' ? wayOutLines(answer) : addresseeLines(answer);
}

function wayOutLines(answer: Extract<RouteAnswer, { type: 'to-handset' }>): readonly string[] {
  const { number, rule, prefix, smscIds, now, isRefused } = answer;
  if (rule === 'none' || now === undefined) return [`${number} goes nowhere: no prefix of the routes fits`];
  const [first, ...fallback] = smscIds;
  const why =
    rule === 'user-default'
      ? 'it is the default SMSC of the user, and no longer prefix fits'
      : prefix === ''
        ? 'the empty prefix, for all numbers'
        : `prefix ${prefix}, the longest that fits`;
  return [
    `${number} leaves through ${now}`,
    `rule      ${why}`,
    ...(fallback.length === 0 ? [] : [`fallback  ${fallback.join(', ')}`]),
    ...(now === first ? [] : [`now       the link of ${first} is down`]),
    ...(isRefused ? ['but       the handset asked for no more messages: the text would fail'] : []),
  ];
}

function addresseeLines(answer: Extract<RouteAnswer, { type: 'from-handset' }>): readonly string[] {
  const { rule, user, word, isBlocked } = answer;
  if (rule === 'nobody') return ['nobody is meant; the handset is told so, at most once an hour'];
  if (rule === 'service-word') return [`the bridge itself is meant: ${word}`];
  const line = `${user} gets it\nrule      ${rules[rule]}`;
  return [line, ...(isBlocked ? [`but       ${user} has blocked this handset: it would be refused`] : [])];
}

const rules = {
  'own-number': "the called number is the user's own",
  suffix: 'the suffix of the called number',
  name: '@name at the start of the text',
  'last-writer': 'the one who last wrote to this handset',
  'default-user': 'the default user, since nobody else is meant',
} as const;
