/** The question of `im-server route`, as it comes over the control socket, and the error for one without an answer. */
import { type Fault, OperatorError } from '../core/base/errors.ts';
import type { RouteQuestion } from '../core/im/explain.ts';
import { textField } from './control-asks.ts';

/** @throws OperatorError CONTROL_BAD_REQUEST for what is no question */
export function parseRouteQuestion(body: unknown): RouteQuestion {
  const type = textField(body, 'type');
  if (type === 'from-handset') {
    return { type, from: textField(body, 'from'), to: textField(body, 'to'), text: textField(body, 'text') };
  }
  const hasUser = typeof body === 'object' && body !== null && 'user' in body;
  const user = hasUser ? textField(body, 'user') : undefined;
  return { type: 'to-handset', number: textField(body, 'number'), user };
}

export function refusedQuestion({ code, message }: Fault): OperatorError {
  const hint = 'Give a phone number like +358401234567, and the name of a user as `im-server users list` shows it.';
  return new OperatorError({ code, message, hint });
}
