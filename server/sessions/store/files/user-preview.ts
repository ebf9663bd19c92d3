/** The text that represents a thread in a list: its first user message (docs/protocol/threads.md §2, §4). */
import { isObject } from '../../../system/node/objects.js';
import type { RecordPayload } from '../records/rollout-record.js';

/** Editors put their context before this heading; the user's own words follow it. */
const REQUEST = '## My request for Codex:';
/** Represents a message that consists of images only. */
const IMAGE = '[Image]';

/**
 * The preview of a `user_message` event. Empty if the message has no content: then it does not make a thread listed.
 */
export function previewOfEvent(payload: RecordPayload): string {
  const { message, images, local_images: localImages } = payload;
  return previewOf(typeof message === 'string' ? message : '', isFilled(images) || isFilled(localImages));
}

/** The preview of a `UserMessage` item. */
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
  // eslint-disable-next-line codexd/reads-sentences -- a message of a person
  const index = message.indexOf(REQUEST);
  const own = (index === -1 ? message : message.slice(index + REQUEST.length)).trim();
  return own === '' && hasImage ? IMAGE : own;
}

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
