/**
 * Parses and classifies one JSON text from a client (docs/protocol/transport.md §1).
 *
 * Threat: the text is untrusted: it comes from a client or from a program that writes to the client's pipe.
 * Rule: this module never throws. A text that does not fit becomes `junk` with a reason for the log.
 * Scope: the envelope, ids, nesting, lone surrogates, `__proto__`.
 * Non-scope: the shape of params (decode.ts).
 */
import { messageOf } from '../../errors/message-of.js';
import { isObject } from '../../system/node/objects.js';
import type { ErrorObject, Incoming, WireId } from './message.js';
import { mayHaveBigIntegers, parseJsonExactly } from '../../system/node/json-text.js';
import { MAX_DEPTH, MAX_WEIGHT, scanEnvelope } from './envelope-scan.js';

/** Returns the first class that fits: request, notification, response, error. Never throws. */
export function parseMessage(text: string): Incoming {
  const scanned = scanEnvelope(text);
  if (scanned === 'too deep') return junk(`nested deeper than ${MAX_DEPTH} levels`);
  const { members, weight } = scanned;
  if (weight > MAX_WEIGHT) return tooHeavy(new Envelope(text, members));
  if (hasLoneSurrogate(text)) return junk('a \\u escape is half of a surrogate pair');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return junk(withoutQuote(messageOf(error)));
  }
  if (!isObject(value)) return junk('not an object');
  if (mayNamePrototype(text)) leaveOutPrototypes(value);
  return classify(value, new Envelope(text, members));
}

/** Parses only the id of a heavy text, so that the client receives an error for its request. */
function tooHeavy(envelope: Envelope): Incoming {
  const id = envelope.count('method') === 1 ? envelope.idAsWritten() : undefined;
  return id === undefined ? junk(TOO_HEAVY) : { kind: 'refused', id, reason: TOO_HEAVY };
}
const TOO_HEAVY = 'the message holds too many lists, objects and values: send less at once';

function classify(value: Record<string, unknown>, envelope: Envelope): Incoming {
  for (const name of ['method', 'params', 'result', 'error']) {
    if (envelope.count(name) > 1) return junk(`two members are named ${name}`);
  }
  const { method, params } = value;
  const id = envelope.id(value.id);
  if (typeof method === 'string') {
    // A message with an id of a wrong type, two ids or a bad trace counts as a notification and gets no answer
    // (docs/protocol/transport.md §1).
    if (id === undefined || !isTrace(value.trace)) return { kind: 'notification', method, params };
    return { kind: 'request', id, method, params: EXACT.has(method) ? envelope.exactParams(params) : params };
  }
  if (id === undefined) return junk('neither a method nor a usable id');
  if ('result' in value) return { kind: 'response', id, result: value.result };
  if (isErrorObject(value.error)) return { kind: 'error', id, error: value.error };
  return junk('neither a request nor a response');
}

/** The server stores the params of these methods as written, so an integer of 64 bits must not be rounded. */
const EXACT = new Set(['config/value/write', 'config/batchWrite']);

/** Facts that the parsed value no longer shows: how often a member occurs, and the digits of the id. */
class Envelope {
  readonly #text: string;
  readonly #members: readonly { key: string; start: number; end: number }[];
  constructor(text: string, members: readonly { key: string; start: number; end: number }[]) {
    this.#text = text;
    this.#members = members;
  }

  /** Returns the params with integers beyond 2^53 as bigints, or `parsed` when no such integer occurs. */
  exactParams(parsed: unknown): unknown {
    if (!mayHaveBigIntegers(this.#text)) return parsed;
    const { params } = parseJsonExactly(this.#text) as { params?: unknown };
    if (mayNamePrototype(this.#text) && typeof params === 'object' && params !== null) leaveOutPrototypes(params);
    return params;
  }

  count(name: string): number {
    let found = 0;
    for (let at = 0; at < this.#members.length; at++) if (isNamed(this.#members[at]!.key, name)) found++;
    return found;
  }

  /** Returns the id; undefined when it is absent, repeated, or neither a string nor an int64. */
  id(parsed: unknown): WireId | undefined {
    if (this.count('id') !== 1) return undefined;
    if (typeof parsed === 'string') return parsed;
    if (typeof parsed !== 'number') return undefined;
    return integerId(this.#written('id'));
  }

  /** Returns the id of a text that is not parsed as a whole. */
  idAsWritten(): WireId | undefined {
    if (this.count('id') !== 1) return undefined;
    const written = this.#written('id');
    if (!written.startsWith('"')) return integerId(written);
    try {
      return JSON.parse(written) as string;
    } catch {
      return undefined; // not a string either: no valid id, so no answer
    }
  }

  #written(name: string): string {
    const member = this.#members.find(({ key }) => isNamed(key, name));
    return member === undefined ? '' : this.#text.slice(member.start, member.end).trim();
  }
}

/** Returns the parser's message without the quoted text: the log must not hold a client's content. */
const withoutQuote = (message: string): string =>
  message.replace(/, (?:\.\.\.)?"[\s\S]*"(?:\.\.\.)? is not valid JSON$/, '');

/** Whether the key as written has this name, which needs no escapes. Most keys need no text of their own for it. */
const isNamed = (key: string, name: string): boolean =>
  key.includes('\\') ? keyName(key) === name : key.length === name.length + 2 && key.startsWith(name, 1);

/** Returns the key between its quotes, with escapes resolved. */
function keyName(key: string): string {
  try {
    return JSON.parse(key) as string;
  } catch {
    return key; // the text is not JSON, so the key matches no known name
  }
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** A double holds every integer of this many characters exactly: 15 digits and a sign. */
const SAFE_LENGTH = 15;
/** The length of INT64_MIN, with its sign. */
const MAX_DIGITS = 20;

function integerId(digits: string): WireId | undefined {
  if (digits.length > MAX_DIGITS || !/^-?\d+$/.test(digits)) return undefined; // 1.0 and 1e2 are not integers here
  if (digits.length <= SAFE_LENGTH) return Number(digits) + 0; // + 0: the answer repeats -0 as 0
  const exact = BigInt(digits);
  if (exact > INT64_MAX || exact < INT64_MIN) return undefined;
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

/** A valid `trace` is absent, null, or an object whose two known members are strings or null (W3C trace context). */
function isTrace(trace: unknown): boolean {
  if (trace === undefined || trace === null) return true;
  if (typeof trace !== 'object') return false;
  const { traceparent, tracestate }: { traceparent?: unknown; tracestate?: unknown } = trace;
  return [traceparent, tracestate].every((part) => part === undefined || part === null || typeof part === 'string');
}

function isErrorObject(error: unknown): error is ErrorObject {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message }: { code?: unknown; message?: unknown } = error;
  return Number.isInteger(code) && typeof message === 'string';
}

/** JSON.parse accepts a lone surrogate; the protocol's parser refuses it. No text encoding could represent it. */
function hasLoneSurrogate(text: string): boolean {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return false;
  let high = -1; // where the escape after a high surrogate must begin
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const isUnit = text[at + 1] === 'u';
    // High surrogates are D800 to DBFF, low ones DC00 to DFFF. JSON.parse checks that all digits are hexadecimal.
    const half = isUnit && (text[at + 2] === 'd' || text[at + 2] === 'D') ? (text[at + 3] ?? '').toLowerCase() : '';
    const low = half >= 'c' && half <= 'f';
    if (high >= 0 ? !(low && at === high) : low) return true;
    high = half === '8' || half === '9' || half === 'a' || half === 'b' ? at + '\\ud800'.length : -1;
    at += isUnit ? '\\ud800'.length : 2;
  }
  return high >= 0;
}

/**
 * The parser removes a member named `__proto__`, plain or escaped, so that handlers may merge and copy params freely.
 */
function mayNamePrototype(text: string): boolean {
  return text.includes('__proto__') || /\\u00(?:5f|70|72|6f|74)/i.test(text);
}
/** Recurses at most MAX_DEPTH levels. A reviver would run for every value of every list. */
function leaveOutPrototypes(value: object): void {
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const inner of parts) {
    if (typeof inner === 'object' && inner !== null) leaveOutPrototypes(inner);
  }
}

const junk = (reason: string): Incoming => ({ kind: 'junk', reason });
