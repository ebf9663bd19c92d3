/** Answers that the proxy gives itself, and the heads of those it passes on. */
import { STATUS_CODES } from 'node:http';
import type net from 'node:net';
import type { Header, RequestHead } from './request-head.js';

export interface LocalAnswer {
  readonly status: number;
  /** Absent: no body and no type. */
  readonly type?: 'text/plain' | 'application/json';
  readonly body?: string;
  /** The value of `x-proxy-error`. */
  readonly proxyError?: string;
  /** The value of `Proxy-Status` (RFC 9209). */
  readonly proxyStatus?: string;
}

/** What happens to the client's connection after an answer. */
export type Next = 'keep' | 'close';

/** What an answer says of itself, its length aside. */
export function answerFields({ type, proxyError, proxyStatus }: LocalAnswer): [name: string, value: string][] {
  const fields: [string, string][] = [];
  if (type !== undefined) fields.push(['content-type', type]);
  if (proxyError !== undefined) fields.push(['x-proxy-error', proxyError]);
  if (proxyStatus !== undefined) fields.push(['proxy-status', proxyStatus]);
  return fields;
}

/** Writes a whole answer. `request` null: what came was no request, so the version is ours to choose. */
export function writeAnswer(socket: net.Socket, request: RequestHead | null, answer: LocalAnswer, next: Next): void {
  socket.write(answerBytes(request, answer, next));
}

export function answerBytes(request: RequestHead | null, answer: LocalAnswer, next: Next): Buffer {
  const body = Buffer.from(answer.body ?? '');
  const fields = [...answerFields(answer), ...connectionField(request, next)];
  fields.push(['content-length', String(body.length)]);
  const head = headText(request, answer.status, STATUS_CODES[answer.status] ?? '', fields);
  return request?.method === 'HEAD' ? Buffer.from(head) : Buffer.concat([Buffer.from(head), body]);
}

/** The head of an answer that an upstream gave. */
export function responseHead(
  request: RequestHead,
  response: { readonly status: number; readonly phrase: string; readonly headers: readonly Header[] },
  framing: 'as-is' | 'chunked',
  next: Next,
): string {
  const fields = response.headers.map(({ name, value }): [string, string] => [name, value]);
  if (framing === 'chunked') fields.push(['transfer-encoding', 'chunked']);
  return headText(request, response.status, response.phrase, [...fields, ...connectionField(request, next)]);
}

/** A 1xx answer. */
export function interimHead(request: RequestHead, status: number, headers: readonly Header[]): string {
  const phrase = STATUS_CODES[status] ?? '';
  return `${statusLine(request, status, phrase)}${fieldLines(headers)}\r\n`;
}

/** Fields as a head or a trailer has them. */
export const fieldLines = (headers: readonly Header[]): string =>
  headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');

/** The client's own version is answered (docs/protocol/network.md §3): an HTTP/1.0 client may know no other. */
export function statusLine(request: RequestHead | null, status: number, phrase: string): string {
  return `HTTP/1.${request?.minorVersion ?? 1} ${status} ${phrase}\r\n`;
}

function headText(
  request: RequestHead | null,
  status: number,
  phrase: string,
  fields: readonly (readonly [string, string])[],
): string {
  return `${statusLine(request, status, phrase)}${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Said only where it differs from what the version means by itself. */
function connectionField(request: RequestHead | null, next: Next): [string, string][] {
  const persists = (request?.minorVersion ?? 1) === 1;
  if (next === 'close') return persists ? [['connection', 'close']] : [];
  return persists ? [] : [['connection', 'keep-alive']];
}
