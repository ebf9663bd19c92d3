/** What becomes of requests that have no result, and the words for what a server tells meanwhile. */
import { messageOf } from '../../../errors/message-of.js';
import type { Fault } from '../shape/connection.js';
import { Unauthorized } from './authorized-fetch.js';
import type { Progress } from './messages.js';

/** Of what a transport rejects with. */
export function faultOf(error: unknown): Fault {
  return error instanceof Unauthorized
    ? { kind: 'unauthorized', challenge: error.challenge }
    : { kind: 'other', message: messageOf(error) };
}

/** Many servers send only numbers. */
export function progressText({ message, progress, total }: Progress): string {
  if (message !== null && message !== '') return message;
  return total === null ? String(progress) : `${progress} of ${total}`;
}
