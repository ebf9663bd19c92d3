/** How long an endpoint asks to wait before the next request. */

/** In milliseconds. For a longer wait the turn fails and the person is notified. */
export const LONGEST_WAIT_MS = 60_000;

/** In characters: an error describes itself at its beginning. */
const MOST_READ = 2000;

/**
 * In milliseconds. `header`: Retry-After, as seconds or as a date (RFC 9110 §10.2.3). `words`: the error's text, for
 * servers that put the time there ("try again in 1.5s"). Null: there is no time.
 */
export function waitAskedFor(header: string | null, words: string, now = Date.now()): number | null {
  return fromHeader(header?.trim() ?? '', now) ?? fromWords(words.slice(0, MOST_READ));
}

function fromHeader(header: string, now: number): number | null {
  if (/^\d+(?:\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1000);
  const at = header === '' ? NaN : Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function fromWords(words: string): number | null {
  const found =
    /\b(?:try again|retry) (?:in|after) (?:about )?((?:\d+(?:\.\d+)? ?(?:ms|h|m|s|milliseconds?|hours?|minutes?|seconds?)\b ?)+)/i.exec(
      words,
    );
  if (found === null) return null;
  let sum = 0;
  for (const [, amount, unit = ''] of found[1]!.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/gi)) {
    const word = unit.toLowerCase();
    const factor =
      word.startsWith('ms') || word.startsWith('milli')
        ? 1
        : word.startsWith('h')
          ? 3_600_000
          : word.startsWith('m')
            ? 60_000
            : 1000;
    sum += Number(amount) * factor;
  }
  return Math.ceil(sum);
}
