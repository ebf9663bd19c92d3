/**
 * Requests that a command has signed with a placeholder are signed again with real credentials of AWS, which the
 * command does not have (docs/protocol/network.md §3.10).
 *
 * Threat: a signature for something else than what is sent, for another service, region, host or day; whatever can be
 * read in two ways.
 * Rule: a request is meant when its Authorization, or its query, names the placeholder. Then it is signed exactly in
 * the form that the profile says, over what the upstream gets, or refused. The client's own signature is not checked.
 * What is not meant continues unchanged, and gets nothing.
 * Non-scope: what the credentials allow at AWS. A server could send the signature back; it is for this one request, and
 * for minutes.
 */
import type { AwsSigning } from '../../config/permissions/mitm-actions.js';
import type { Header } from '../proxy/http/request-head.js';
import { isToken } from '../proxy/http/token.js';
import { authorizationOf, escaped, needsContentHash, queryPairs, sha256 } from './aws-signature.js';
import { changedHeaders } from './request-headers.js';
import { failing, placeOf, secretOf, type SecretEnvironment } from './secrets.js';

export interface ReadySigning {
  readonly port: number;
  readonly maxBody: number;
  readonly placeholderId: string;
  readonly region: string;
  readonly service: string;
  readonly id: string;
  readonly secret: string;
  readonly token: string | null;
}

/** Visible, and no separator of the field it stands in. */
const KEY_ID = /^[\x21-\x2b\x2d\x2e\x30-\x7e]+$/;
const VISIBLE = /^[\x21-\x7e]+$/;

/** Reads the credentials. Throws `network.policy`. */
export async function readySigning(signing: AwsSigning, environment: SecretEnvironment): Promise<ReadySigning> {
  const { accessKeyId, secretAccessKey, sessionToken, placeholderId, ...rest } = signing;
  const fail = failing('AWS signing');
  const id = await secretOf(accessKeyId, environment, fail);
  if (!KEY_ID.test(id)) throw fail(`${placeOf(accessKeyId)} is no access key`);
  if (id.includes(placeholderId)) throw fail(`the placeholder is part of ${placeOf(accessKeyId)}`);
  const token = sessionToken === null ? null : await secretOf(sessionToken, environment, fail);
  if (sessionToken !== null && !VISIBLE.test(token ?? ''))
    throw fail(`${placeOf(sessionToken)} contains what a header cannot carry`);
  return { ...rest, placeholderId, id, secret: await secretOf(secretAccessKey, environment, fail), token };
}

/** What the client has signed. */
export interface MeantRequest {
  /** The day of its scope, `YYYYMMDD`. */
  readonly day: string;
  /** Lower case, in order. */
  readonly names: readonly string[];
}

/** Null: it is not meant. A text: why it is refused. `headers`: the client's. */
export function meantRequest(
  headers: readonly Header[],
  query: string | null,
  signing: ReadySigning,
): MeantRequest | string | null {
  const { placeholderId } = signing;
  const values = headers.filter(({ key }) => key === 'authorization').map(({ value }) => value);
  const isMeant = values.some((value) => namesPlaceholder(value, placeholderId));
  for (const [name, value] of queryPairs(query)) {
    if (!PRESIGNED.test(name)) continue;
    if (isMeant || value.startsWith(escaped(`${placeholderId}/`, false))) return 'its query has a signature';
  }
  if (!isMeant) return null;
  const [field = '', ...more] = values;
  if (more.length > 0) return 'it has Authorization twice';
  return meantOf(field, signing) ?? 'its Authorization is not for this region and service, or has another form';
}

/** Also in a form that no reader accepts: the placeholder stands where a word can begin. */
function namesPlaceholder(value: string, placeholderId: string): boolean {
  for (let at = value.indexOf(`${placeholderId}/`); at !== -1; at = value.indexOf(`${placeholderId}/`, at + 1)) {
    if (at === 0 || /[\s=,"':]/.test(value[at - 1] ?? '')) return true;
  }
  return false;
}

const PRESIGNED = /^x-amz-(?:algorithm|credential|signature)$/i;

const AUTHORIZATION = /^AWS4-HMAC-SHA256 +([A-Za-z]+)=([^ ,]+) *, *([A-Za-z]+)=([^ ,]+) *, *([A-Za-z]+)=([^ ,]+)$/;

function meantOf(field: string, { placeholderId, region, service }: ReadySigning): MeantRequest | null {
  const [, ...words] = AUTHORIZATION.exec(field) ?? [];
  const parts = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) parts.set(words[i] ?? '', words[i + 1] ?? '');
  const day = parts.get('Credential')?.split('/')[1] ?? '';
  const names = parts.get('SignedHeaders')?.split(';') ?? [];
  if (parts.get('Credential') !== [placeholderId, day, region, service, 'aws4_request'].join('/')) return null;
  if (!/^[0-9]{8}$/.test(day) || !/^[0-9a-f]{64}$/.test(parts.get('Signature') ?? '')) return null;
  const isOrdered = names.every((name, i) => i === 0 || name > (names[i - 1] ?? ''));
  if (!isOrdered || !names.every((name) => isToken(name) && name === name.toLowerCase())) return null;
  return names.includes('host') && names.includes('x-amz-date') ? { day, names } : null;
}

const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** Whether the body is part of what is signed. `headers`: as they go to the upstream. */
export const signsBody = (headers: readonly Header[]): boolean =>
  !headers.some(({ key, value }) => key === CONTENT_HASH && value === UNSIGNED);

const CONTENT_HASH = 'x-amz-content-sha256';
const TOKEN_FIELD = 'x-amz-security-token';

/** Milliseconds around now in which AWS accepts a request. */
const MAX_SKEW_MS = 15 * 60_000;

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly query: string | null;
  /** All that the upstream gets, `host` too. */
  readonly headers: readonly Header[];
  /** Null: there is none. */
  readonly body: Buffer | null;
}

/** The fields to put in place of the client's, or why there is no signature. */
export function signatureFields(
  outgoing: Outgoing,
  { day, names }: MeantRequest,
  signing: ReadySigning,
  now = Date.now(),
): readonly { readonly name: string; readonly value: string }[] | string {
  const { service, token } = signing;
  const date = only(outgoing.headers, 'x-amz-date');
  if (date === null || !isNow(date, day, now)) return 'its date is missing, of another day, or not of now';
  const payload = payloadOf(outgoing, service);
  if (payload === null) return `its ${CONTENT_HASH} cannot be signed`;
  const isHashed = outgoing.headers.some(({ key }) => key === CONTENT_HASH) || needsContentHash(service);
  const fields = [
    ...(isHashed ? [{ name: CONTENT_HASH, value: payload }] : []),
    ...(token === null ? [] : [{ name: TOKEN_FIELD, value: token }]),
  ];
  // The client's own token does not belong to the credentials that sign.
  const sent = changedHeaders(outgoing.headers, { strip: [TOKEN_FIELD], inject: fields });
  const headers: (readonly [string, string])[] = [];
  for (const name of [...new Set([...names, ...fields.map((one) => one.name)])].sort()) {
    const value = only(sent, name);
    if (value === null) return 'a field that it signs does not go to the upstream, or more than once';
    if (!/^[\t\x20-\x7e]*$/.test(value)) return 'a field that it signs is not ASCII';
    headers.push([name, value]);
  }
  const { method, path, query } = outgoing;
  const scope = { date, region: signing.region, service };
  const value = authorizationOf({ method, path, query, headers, payload }, scope, signing);
  return [...fields, { name: 'Authorization', value }];
}

/** Null: it is not there, or more than once. */
function only(headers: readonly Header[], name: string): string | null {
  const [first, second] = headers.filter(({ key }) => key === name);
  return first === undefined || second !== undefined ? null : first.value;
}

function isNow(date: string, day: string, now: number): boolean {
  const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  if (y === undefined || date.slice(0, 8) !== day) return false;
  const time = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`);
  return Math.abs(time - now) <= MAX_SKEW_MS; // not a number: no
}

/** What the body's place in the signature is; null: a form that cannot be signed here. */
function payloadOf({ headers, body }: Outgoing, service: string): string | null {
  const said = headers.filter(({ key }) => key === CONTENT_HASH).map(({ value }) => value);
  if (said.length > 1) return null;
  // OpenSearch Serverless accepts no other than signed bodies.
  if (said[0] === UNSIGNED) return service === 'aoss' ? null : UNSIGNED;
  // Bodies that are signed in pieces have a form of their own.
  if (said[0] !== undefined && !/^[0-9a-f]{64}$/i.test(said[0])) return null;
  return sha256(body ?? '');
}
