/** The only argument of the `notify` program (docs/protocol/turns.md §11). */

export interface NotifyPayload {
  readonly 'input-messages': readonly string[];
  readonly 'last-assistant-message': string | null;
  readonly [member: string]: unknown;
}

/** In bytes: Linux starts no program with an argument of 128 KiB, the zero at its end included. */
const MOST_BYTES = 128 * 1024 - 1;
/** In characters: a text that is cut keeps at least this much. */
const LEAST_TEXT = 64;

/** JSON. Texts that do not fit are cut, with a note at their end; then the oldest messages are left out. */
export function notifyArgument(payload: NotifyPayload): string {
  let text = JSON.stringify(payload);
  for (let most = MOST_BYTES / 2; most >= LEAST_TEXT && !fits(text); most /= 2) {
    text = JSON.stringify(withTexts(payload, (words) => cutTo(words, most)));
  }
  const messages = payload['input-messages'];
  for (let kept = messages.length; kept > 0 && !fits(text);) {
    kept = Math.floor(kept / 2);
    const newest = { ...payload, 'input-messages': kept === 0 ? [] : messages.slice(-kept) };
    text = JSON.stringify(withTexts(newest, (words) => cutTo(words, LEAST_TEXT)));
  }
  return text;
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= MOST_BYTES;

function withTexts(payload: NotifyPayload, change: (words: string) => string): NotifyPayload {
  const { 'last-assistant-message': answer, 'input-messages': messages } = payload;
  return {
    ...payload,
    'input-messages': messages.map(change),
    'last-assistant-message': answer === null ? null : change(answer),
  };
}

/** Never in the middle of a character. */
function cutTo(words: string, most: number): string {
  if (words.length <= most) return words;
  const kept = words.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… (${words.length - kept.length} characters left out)`;
}
