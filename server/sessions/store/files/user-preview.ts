/** The text by which a thread is known in a list: its first user message (docs/protocol/threads.md §2, §4). */
import type { RecordPayload } from '../records/rollout-record.js';
import { isObject } from '../records/sniff-record.js';

/** Editors put what they know before it; the user's own words follow. */
const REQUEST = '## My request for Codex:';
/** Stands for a message that is nothing but images. */
const IMAGE = '[Image]';

/** What a `user_message` event says; empty for one that says nothing, which does not make a thread listed. */
export function previewOfEvent(payload: RecordPayload): string {
  const { message, images, local_images: localImages } = payload;
  return previewOf(typeof message === 'string' ? message : '', isFilled(images) || isFilled(localImages));
}

/** The same of a `UserMessage` item. */
export function previewOfItem(item: unknown): string {
  if (!isObject(item)) return '';
  const content = Array.isArray(item['content']) ? item['content'].filter(isObject) : [];
  const texts = content.map(({ text }) => (typeof text === 'string' ? text : ''));
  return previewOf(
    texts.join(''),
    content.some(({ type }) => typeof type === 'string' && /image/i.test(type)),
  );
}

function previewOf(message: string, hasImage: boolean): string {
  // eslint-disable-next-line no-restricted-syntax -- a message of a person
  const index = message.indexOf(REQUEST);
  const own = (index === -1 ? message : message.slice(index + REQUEST.length)).trim();
  return own === '' && hasImage ? IMAGE : own;
}

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
