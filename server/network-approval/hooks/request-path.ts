/**
 * The path and query of a request as hooks may judge them.
 *
 * Threat: a path that the proxy and the server read as different ones (`/repo/../x`, `/repo/%2e%2e/x`, `/repo\..\x`,
 * `/repo/..;/x`), so that a prefix holds for the text and not for what the server does.
 * Rule: a path with a dot segment, an encoded separator, percent sign or control character, a semicolon, a backslash,
 * an octet that is no printable ASCII, or a broken escape is matched by no hook. Everything else is read in one way.
 * Non-scope: servers that map one plain path to another.
 */

export interface RequestPath {
  /** As the request writes it. */
  readonly written: string;
  /** With every escape decoded that stands for one printable ASCII character. */
  readonly plain: string;
  /** Without the `?`; null: there is none. */
  readonly query: string | null;
}

const PRINTABLE = /^[\x21-\x7e]*$/;
const AMBIGUOUS = /[\\;]|%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|7f|2e|2f|5c|25|3b)|(?:^|\/)\.{1,2}(?:\/|$)/i;

/** Null: readers could differ about it, or it is `*`. */
export function requestPath(target: string): RequestPath | null {
  const mark = target.indexOf('?');
  const written = mark < 0 ? target : target.slice(0, mark);
  if (!written.startsWith('/') || !PRINTABLE.test(target) || AMBIGUOUS.test(written)) return null;
  const plain = written.replace(/%([2-7][0-9a-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return { written, plain, query: mark < 0 ? null : target.slice(mark + 1) };
}

/**
 * The values of one parameter, decoded; null: readers could differ about the query (a semicolon separates parameters
 * for some of them, a broken escape is read in many ways).
 */
export function queryValues(query: string | null, name: string): readonly string[] | null {
  if (query === null) return [];
  if (query.includes(';') || /%(?![0-9a-f]{2})/i.test(query)) return null;
  const values: string[] = [];
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const key = decoded(equals < 0 ? part : part.slice(0, equals));
    const value = decoded(equals < 0 ? '' : part.slice(equals + 1));
    if (key === null || value === null) return null;
    if (key === name) values.push(value);
  }
  return values;
}

/** As a form writes it: a plus is a blank. Null: it is not UTF-8. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
