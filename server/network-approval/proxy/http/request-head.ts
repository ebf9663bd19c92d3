/**
 * The head of a request, read strictly (RFC 9112).
 *
 * Threat: request smuggling: a head that this proxy and an upstream read as different requests.
 * Rule: one reading or none: no folded lines, no space before a colon, no control characters, no transfer coding but a
 * lone `chunked`, never both framings, never two lengths.
 * Non-scope: where the request goes (request-target.ts).
 */
import { isToken, TOKEN } from './token.js';

export interface Header {
  /** As written. */
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  /** Octets as Latin-1, without the white space around it. */
  readonly value: string;
}

export type BodyFraming =
  { readonly kind: 'none' } | { readonly kind: 'length'; readonly length: number } | { readonly kind: 'chunked' };

export interface RequestHead {
  /** Case matters; unknown methods are as good as known ones. */
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
  readonly headers: readonly Header[];
  readonly body: BodyFraming;
  /** Whether the client wants the connection kept (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
}

/** Octets of a head; Node's own limit. */
export const MAX_HEAD = 16 * 1024;
/** Fields of one head; hyper, which the reference uses, takes as many. */
export const MAX_FIELDS = 100;

const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/1\\.([01])$`);
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** `head` ends with the empty line. 'malformed' and 'too-many' are answered with 400 and 431. */
export function parseRequestHead(head: Buffer): RequestHead | 'malformed' | 'too-many' {
  const [requestLine = '', ...lines] = head.toString('latin1', 0, Math.max(head.length - 4, 0)).split('\r\n');
  const [, method, target, minor] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return 'malformed';
  if (lines.length > MAX_FIELDS) return 'too-many';
  const headers: Header[] = [];
  for (const line of lines) {
    const header = parseField(line);
    if (header === null) return 'malformed';
    headers.push(header);
  }
  const minorVersion = minor === '0' ? 0 : 1;
  const body = bodyFraming(headers, minorVersion);
  if (body === null) return 'malformed';
  const connection = listed(headers, 'connection');
  return {
    method,
    target,
    minorVersion,
    headers,
    body,
    keepAlive: minorVersion === 1 ? !connection.has('close') : connection.has('keep-alive') && !connection.has('close'),
    expectContinue: headers.some(({ key, value }) => key === 'expect' && value.toLowerCase() === '100-continue'),
  };
}

/** The members of a comma-separated field, lower case. */
export function listed(headers: readonly Header[], key: string): ReadonlySet<string> {
  const members = headers.filter((header) => header.key === key).flatMap(({ value }) => value.split(','));
  return new Set(members.map((member) => member.trim().toLowerCase()).filter((member) => member !== ''));
}

export const isFieldValue = (text: string): boolean => FIELD_VALUE.test(text);

/** A line of a head, or of a trailer; null: it is malformed. */
export function parseField(line: string): Header | null {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  // A folded line starts with white space, which is in no name.
  if (!isToken(name)) return null;
  const value = trimBlanks(line.slice(colon + 1));
  return FIELD_VALUE.test(value) ? { name, key: name.toLowerCase(), value } : null;
}

/** Spaces and tabs only: `trim` would also take characters that are part of a value. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** RFC 9112 §6.3, refusing every case in which the RFC lets a recipient choose. */
function bodyFraming(headers: readonly Header[], minorVersion: 0 | 1): BodyFraming | null {
  const lengths = headers.filter(({ key }) => key === 'content-length');
  const codings = headers.filter(({ key }) => key === 'transfer-encoding');
  if (codings.length > 0) {
    const chunked = codings.length === 1 && codings[0]?.value.toLowerCase() === 'chunked';
    return chunked && lengths.length === 0 && minorVersion === 1 ? { kind: 'chunked' } : null;
  }
  const [first, second] = lengths;
  if (first === undefined) return { kind: 'none' };
  if (second !== undefined || !/^[0-9]{1,15}$/.test(first.value)) return null;
  const length = Number(first.value);
  return length === 0 ? { kind: 'none' } : { kind: 'length', length };
}
