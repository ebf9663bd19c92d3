/**
 * Applies the change from `old` to `edited` to `current`, which another program made from `old` at the same time. The
 * change is one replacement: the text between the common beginning and the common end. Null: `current` does not contain
 * the replaced text any more.
 */
export function mergeTextChange(old: string, edited: string, current: string): string | null {
  const head = commonPrefix(old, edited);
  const tail = commonSuffix(old.slice(head), edited.slice(head));
  const out = old.slice(head, old.length - tail);
  const into = edited.slice(head, edited.length - tail);
  const before = old.slice(0, head);
  const after = old.slice(old.length - tail);
  if (current.startsWith(before + out)) return before + into + current.slice(head + out.length);
  if (current.endsWith(out + after)) return current.slice(0, current.length - out.length - tail) + into + after;
  return betweenNeighbours(before, out, into, after, current);
}

/** How many characters around a change must match; shorter contexts are tried later. */
const CONTEXTS = [400, 120, 40, 12];

function betweenNeighbours(before: string, out: string, into: string, after: string, current: string): string | null {
  for (const length of CONTEXTS) {
    const [left, right] = [before.slice(-length), after.slice(0, length)];
    const at = current.indexOf(left + out + right);
    if (at < 0 || current.includes(left + out + right, at + 1)) continue;
    return current.slice(0, at + left.length) + into + current.slice(at + left.length + out.length);
  }
  return null;
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function commonSuffix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

/** Only empty lines and comments. */
const COMMENT_LINES = /^(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*$/;

/** The comments in `current` above and below `old`; null: `current` differs from `old` in more than comments. */
export function commentsAround(
  old: string,
  current: string,
): { readonly above: string; readonly below: string } | null {
  const at = old.endsWith('\n') ? current.indexOf(old) : -1;
  if (at < 0) return null;
  const above = current.slice(0, at);
  const below = current.slice(at + old.length);
  return COMMENT_LINES.test(above) && COMMENT_LINES.test(below) ? { above, below } : null;
}
