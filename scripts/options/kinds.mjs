// What the flag of a script takes: a sign for it in help, what is allowed, and how it is read: as a value, or as what is
// wrong with it.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Numbers, whole ones only where nothing else is asked for. */
export function number(from, to, { fractions = 'refused' } = {}) {
  const [form, name] = fractions === 'allowed' ? [/^\d+(\.\d+)?$/, 'number'] : [/^\d+$/, 'whole number'];
  const isOne = (typed) => form.test(typed) && Number(typed) >= from && Number(typed) <= to;
  const wrong = (typed) => `"${typed}" is no ${name} from ${from} to ${to}`;
  return {
    sign: 'N',
    allowed: `${from} to ${to}`,
    read: (typed) => (isOne(typed) ? { value: Number(typed) } : { wrong: wrong(typed) }),
  };
}

/** One of these words. */
export function word(sign, words) {
  const allowed = words.join(', ');
  const read = (typed) => (words.includes(typed) ? { value: typed } : { wrong: `"${typed}" is none of ${allowed}` });
  return { sign, allowed, read };
}

/** Any text. @param parse a parser of the program that may have something against it; the text stays as typed */
export function text(sign, parse = (typed) => ({ ok: true, value: typed })) {
  const read = (typed) => {
    const parsed = parse(typed);
    return parsed.ok ? { value: typed } : { wrong: parsed.fault.message };
  };
  return { sign, read };
}

/** A file or directory that must be there already. */
export function existing(sign) {
  return { sign, read: (typed) => (existsSync(typed) ? { value: typed } : { wrong: `there is no "${typed}"` }) };
}

/** The flag of a script that writes much and removes it again. */
export const diskToUse = {
  takes: existing('DIR'),
  default: tmpdir(),
  defaultText: 'the directory for temporary files',
  says: 'on the disk to use',
};

/** Several of a kind with commas between; an array. */
export function listOf({ sign, allowed, read }) {
  const readAll = (typed) => {
    const all = typed.split(',').map(read);
    return all.find(({ wrong }) => wrong !== undefined) ?? { value: all.map(({ value }) => value) };
  };
  return { sign: `${sign},…`, allowed, read: readAll };
}
