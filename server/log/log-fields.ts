/**
 * The fields of a log line as plain data without secrets (docs/operations.md "Logs").
 *
 * Threat: a caller logs an object that contains a credential, such as the headers of a request or an environment.
 * Rule: a member with one of the names below is replaced, at each depth that is written. An error is written without
 * its own members, because libraries add requests to them. Non-scope: secrets within a text.
 */
import redactor from '@pinojs/redact';
import { configure } from 'safe-stable-stringify';

/** An Error under `err` is written with its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How deep members are written: the fields of a line have the depth 0. `REDACT` has a path for each depth. */
const DEPTH = 3;

/** Their values are secrets; `env` is hidden as a whole. Headers are written in two spellings. */
const NAMES = [
  ...['token', 'accessToken', 'access_token', 'refreshToken', 'refresh_token', 'idToken', 'id_token'],
  ...['bearerToken', 'bearer_token', 'apiKey', 'api_key', 'password', 'secret', 'clientSecret'],
  ...['client_secret', 'credentials', 'env', 'OPENAI_API_KEY', 'CODEX_API_KEY'],
  ...['authorization', 'Authorization', 'cookie', 'Cookie'],
];
const HEADERS = ['proxy-authorization', 'Proxy-Authorization', 'set-cookie', 'Set-Cookie', 'x-api-key', 'X-Api-Key'];

/** Where secrets are, in the language of pino's `redact`. */
export const REDACT = {
  paths: Array.from({ length: DEPTH + 1 }, (_, depth) => {
    const outer = Array.from({ length: depth }, () => '*').join('.');
    const dotted = NAMES.map((name) => (outer === '' ? name : `${outer}.${name}`));
    return [...dotted, ...HEADERS.map((name) => `${outer}["${name}"]`)];
  }).flat(),
  censor: '[redacted]',
};

let redact: ReturnType<typeof redactor> | undefined;

/** The fields without secrets, for plain lines: pino does it for JSON. They must be plain data. */
export function withoutSecrets(data: LogFields): LogFields {
  // Made with the first line: a start that writes none does not wait for it.
  redact ??= redactor({ ...REDACT, serialize: (shown: LogFields) => shown, strict: false });
  const shown = redact(data);
  return typeof shown === 'string' ? {} : shown;
}

/** Ends circles, and cuts what is deep or long. */
const textOf = configure({ maximumDepth: DEPTH, maximumBreadth: 100, deterministic: false });

/** The fields as plain data, because `redact` copies class instances (a Buffer, a URL) to something that throws. */
export const plainData = (fields: LogFields): LogFields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, dataOf(value)]));

function dataOf(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  try {
    const text = textOf(value, (_key, part: unknown) => written(part));
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return '[cannot be written]'; // a getter or a toJSON that throws
  }
}

function written(part: unknown): unknown {
  if (part instanceof Error) return { type: part.name, message: part.message, stack: part.stack };
  return typeof part === 'bigint' ? String(part) : part;
}
