/**
 * AWS Signature Version 4 of one request ("Signature Version 4 signing process", AWS General Reference; held to AWS'
 * own test suite by its test). Pure: what is signed, and with what, is aws-signing.ts's affair.
 */
import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** As it is sent, without the query. */
  readonly path: string;
  /** As it is sent, without the `?`; null: there is none. */
  readonly query: string | null;
  /** Those that are signed, in the order of their names: lower case, and the value as it is sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hexadecimal, or a word that stands for it. */
  readonly payload: string;
}

export interface Scope {
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The value of Authorization. */
export function authorizationOf(
  request: SignedRequest,
  scope: Scope,
  key: { readonly id: string; readonly secret: string },
): string {
  const place = [scope.date.slice(0, 8), scope.region, scope.service, 'aws4_request'];
  const text = [ALGORITHM, scope.date, place.join('/'), sha256(canonicalRequest(request, scope.service))].join('\n');
  const signingKey = place.reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${key.secret}`);
  const names = request.headers.map(([name]) => name).join(';');
  const signature = hmac(signingKey, text).toString('hex');
  return `${ALGORITHM} Credential=${key.id}/${place.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Their paths are signed as they are sent; those of all others without empty segments, and escaped once more. */
const PLAIN_PATHS: ReadonlySet<string> = new Set(['s3', 's3express', 's3-outposts', 's3-object-lambda']);

/** Whether requests to it have to have `x-amz-content-sha256`. */
export const needsContentHash = (service: string): boolean => PLAIN_PATHS.has(service) || service === 'aoss';

function canonicalRequest({ method, path, query, headers, payload }: SignedRequest, service: string): string {
  const names = headers.map(([name]) => name).join(';');
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('');
  const pairs = queryPairs(query).map(([name, value]) => `${name}=${value}`);
  const place = PLAIN_PATHS.has(service) ? path : escaped(withoutEmptySegments(path), true);
  return [method, place, pairs.join('&'), lines, names, payload].join('\n');
}

/** Dot segments match no hook (request-path.ts). */
const withoutEmptySegments = (path: string): string => path.replace(/\/{2,}/g, '/');

/** The parameters, each in its one escaped form, in the order that is signed. */
export function queryPairs(query: string | null): readonly (readonly [name: string, value: string])[] {
  const pairs = (query ?? '').split('&').flatMap((part): [string, string][] => {
    if (part === '') return [];
    const equals = part.indexOf('=');
    return equals < 0 ? [[form(part), '']] : [[form(part.slice(0, equals)), form(part.slice(equals + 1))]];
  });
  return pairs.sort(([a, x], [b, y]) => order(a, b) || order(x, y));
}

const order = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** A plus is a blank, as servers read it. What is no escape is a percent sign. */
const form = (text: string): string =>
  escaped(
    text
      .replaceAll('+', ' ')
      .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    false,
  );

/** Octets as Latin-1; everything but RFC 3986's unreserved characters is escaped. */
export const escaped = (text: string, keepsSlash: boolean): string =>
  text.replace(/[^A-Za-z0-9._~-]/g, (character) =>
    keepsSlash && character === '/' ? '/' : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
