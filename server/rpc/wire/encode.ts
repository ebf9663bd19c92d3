/** Encodes the server's messages: the exact envelopes of docs/protocol/transport.md §1, without a `jsonrpc` member. */
import { jsonText, wellFormed } from '../../system/node/json-text.js';
import { Base64Result } from './base64-result.js';
import type { ErrorObject, WireId } from './message.js';
import { writtenMessage } from './written-list.js';

/** One JSON text in UTF-8 with a trailing newline. Several clients may share one value, so nobody may change it. */
export type Encoded = Buffer & { readonly __encoded: unique symbol };

/**
 * `emittedAtMs` is in milliseconds since the epoch (new in 0.169). `sequence` is an extension of codexd: the
 * notification's number within its thread (docs/protocol-extensions.md).
 */
export function encodeNotification(
  method: string,
  params: unknown,
  emittedAtMs = Date.now(),
  sequence?: number,
): Encoded {
  const place = sequence === undefined ? '' : `,"sequence":${sequence}`;
  return encode(`{"method":${json(method)}${member('params', params)},"emittedAtMs":${emittedAtMs}${place}}`);
}

/**
 * Like encodeNotification, with the base64 of `bytes` as the text member `key` of params. Base64 needs neither escapes
 * nor UTF-8 encoding, so the function copies the bulk of the message only once.
 */
export function encodeBytesNotification(
  method: string,
  params: object,
  key: string,
  bytes: Buffer,
  emittedAtMs = Date.now(),
): Encoded {
  const others = json(params).slice(1, -1);
  const head = Buffer.from(wellFormed(`{"method":${json(method)},"params":{${others && `${others},`}${json(key)}:"`));
  const tail = `"},"emittedAtMs":${emittedAtMs}}\n`;
  const base64 = bytes.toString('base64');
  const message = Buffer.allocUnsafe(head.length + base64.length + tail.length);
  head.copy(message);
  message.write(base64, head.length, 'latin1');
  message.write(tail, head.length + base64.length, 'latin1');
  return message as Encoded;
}

export function encodeRequest(id: number, method: string, params: unknown): Encoded {
  return encode(`{"method":${json(method)},"id":${id}${member('params', params)}}`);
}

/** Throws TypeError when the result cannot be written as JSON (a cycle). */
export function encodeResult(id: WireId, result: unknown): Encoded {
  if (result instanceof Base64Result) return result.message(wellFormed(idText(id))) as Encoded;
  const written = writtenMessage(wellFormed(idText(id)), result);
  if (written !== null) return written as Encoded;
  const head = `{"id":${idText(id)},"result":`;
  const body = json(result ?? null);
  return body.length < LARGE ? encode(`${head}${body}}`) : encodeAround(head, body, '}\n');
}

/**
 * From this many characters on, joining strings costs more than writing them one by one, because a join copies them.
 */
const LARGE = 64 * 1024;

/** Writes the text of a large result once, directly into the message. */
function encodeAround(head: string, body: string, tail: string): Encoded {
  const written = wellFormed(body);
  const size = Buffer.byteLength(head) + Buffer.byteLength(written);
  const message = Buffer.allocUnsafe(size + tail.length);
  message.write(head, 0);
  message.write(written, Buffer.byteLength(head));
  message.write(tail, size, 'latin1');
  return message as Encoded;
}

export function encodeError(id: WireId, { code, message, data }: ErrorObject): Encoded {
  return encode(`{"error":{"code":${code},"message":${json(message)}${member('data', data)}},"id":${idText(id)}}`);
}

const json = (value: unknown): string => jsonText(value) as string;
const member = (name: string, value: unknown): string => {
  const text = jsonText(value);
  return text === undefined ? '' : `,"${name}":${text}`;
};
const idText = (id: WireId): string => (typeof id === 'string' ? json(id) : String(id));

function encode(text: string): Encoded {
  return Buffer.from(wellFormed(`${text}\n`)) as Encoded;
}
