/**
 * Forms that any client can show (`jabber:x:data`): what is asked, and what was filled in. SPEC: XEP-0004 section 3. Only
 * the kinds of fields that are asked for here.
 */
import { childOf, type Element, element, elementsIn, textOf } from './xml.ts';

export const formNamespace = 'jabber:x:data';

export interface FormField {
  readonly name: string;
  readonly type: 'text-single' | 'text-private';
  readonly label: string;
  readonly value?: string | undefined;
}

export interface Form {
  /** What the form is about, for programs. SPEC: XEP-0068. */
  readonly about: string;
  readonly title: string;
  readonly instructions: string;
  /** All of them must be filled in. */
  readonly fields: readonly FormField[];
}

export function formElement({ about, title, instructions, fields }: Form): Element {
  const inside = (name: string, text?: string) => element(name, formNamespace, {}, text);
  return element(
    'x',
    formNamespace,
    { type: 'form' },
    inside('title', title),
    inside('instructions', instructions),
    element('field', formNamespace, { type: 'hidden', var: 'FORM_TYPE' }, inside('value', about)),
    ...fields.map(({ name, type, label, value }) =>
      element(
        'field',
        formNamespace,
        { type, var: name, label },
        inside('required'),
        value === undefined ? undefined : inside('value', value),
      ),
    ),
  );
}

/** @returns the first value of every field of a form that was filled in; undefined where there is none */
export function submittedIn(parent: Element): ReadonlyMap<string, string> | undefined {
  const form = childOf(parent, 'x', formNamespace);
  if (form?.attrs['type'] !== 'submit') return undefined;
  return new Map(
    elementsIn(form)
      .filter(({ name, attrs }) => name === 'field' && attrs['var'] !== undefined)
      .map((field) => [field.attrs['var'] ?? '', textOf(childOf(field, 'value', formNamespace))]),
  );
}
