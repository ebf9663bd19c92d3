/**
 * Secrets in place of placeholders in the body of a request (docs/protocol/network.md §3.10).
 *
 * Threat: a body that only seems to have no placeholder, because it is compressed, signed in pieces or longer than what
 * was looked through; a length or digest of the old body with the new one; a body that grows without end; a search that
 * keeps the daemon from everything else.
 * Rule: the whole body is looked through, as octets, or the request is refused. So is one whose head says that its body
 * is encoded, or has a digest of it. A secret is put in once: what it contains is not looked at again. The body has a
 * limit before and after.
 * Non-scope: a placeholder that the command encodes in some other way stays as it is. The server that gets the secret
 * can send it back.
 */
import { setImmediate } from 'node:timers/promises';
import type { BodySubstitution } from '../../config/permissions/mitm-actions.js';
import type { Header } from '../proxy/http/request-head.js';
import { failing, placeOf, secretOf, type SecretEnvironment } from './secrets.js';

export interface ReadySubstitution {
  readonly port: number;
  readonly maxBody: number;
  readonly replacements: readonly { readonly placeholder: Buffer; readonly secret: Buffer }[];
}

/** Reads the secrets. Throws `network.policy`. */
export async function readySubstitution(
  { port, maxBody, replacements }: BodySubstitution,
  environment: SecretEnvironment,
): Promise<ReadySubstitution> {
  const fail = failing('body secret substitution');
  const read = replacements.map(async ({ placeholder, from }) => {
    const secret = await secretOf(from, environment, fail);
    if (replacements.some((other) => secret.includes(other.placeholder)))
      throw fail(`${placeOf(from)} contains a placeholder`);
    const octets = Buffer.from(secret);
    if (octets.length > maxBody) throw fail(`${placeOf(from)} is longer than a body may be`);
    return { placeholder: Buffer.from(placeholder), secret: octets };
  });
  return { port, maxBody, replacements: await Promise.all(read) };
}

/** Fields that say how long the decoded body is, or what it is, beside those of AWS' checksums. */
const INTEGRITY: ReadonlySet<string> = new Set([
  'content-digest',
  'content-md5',
  'digest',
  'repr-digest',
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
]);
const CHECKSUM = /^x-amz-checksum-/;
/** Its messages have checksums inside. */
const EVENT_STREAM = /^application\/vnd\.amazon\.eventstream\s*(?:;|$)/i;

/** Why a body with this head cannot be changed; null: it can. */
export function substitutionProblem(headers: readonly Header[]): string | null {
  for (const { key, value } of headers) {
    if (INTEGRITY.has(key) || CHECKSUM.test(key)) return 'a field of its head has a digest of the body';
    if (key === 'content-encoding' && !/^(?:identity)?$/i.test(value)) return 'the body is encoded';
    if (key === 'content-type' && EVENT_STREAM.test(value)) return 'the body is an event stream';
    if (key === 'trailer') return 'the request announces trailers';
  }
  return null;
}

/** In one body; the official program's own limit. */
const MAX_MATCHES = 65_536;
/** Octets that are searched before others have their turn. */
const WINDOW = 1024 * 1024;

interface Match {
  readonly at: number;
  readonly placeholder: Buffer;
  readonly secret: Buffer;
}

/** The body as the upstream gets it, or why it gets none. */
export async function substituted(
  body: Buffer,
  { replacements, maxBody }: ReadySubstitution,
): Promise<Buffer | string> {
  const matches: Match[] = [];
  for (const replacement of replacements) {
    if (!(await find(body, replacement, matches))) return 'the body has too many placeholders';
  }
  matches.sort((a, b) => a.at - b.at);
  const pieces: Buffer[] = [];
  let length = body.length;
  let from = 0;
  for (const { at, placeholder, secret } of matches) {
    // Which of the two is meant cannot be known.
    if (at < from) return 'placeholders in the body overlap';
    pieces.push(body.subarray(from, at), secret);
    from = at + placeholder.length;
    length += secret.length - placeholder.length;
  }
  if (length > maxBody) return 'the body is too long with its secrets';
  return matches.length === 0 ? body : Buffer.concat([...pieces, body.subarray(from)], length);
}

/** Adds where it is to `matches`, those that overlap themselves too; false: there are too many. */
async function find(body: Buffer, replacement: Omit<Match, 'at'>, matches: Match[]): Promise<boolean> {
  const { placeholder } = replacement;
  for (let start = 0; start < body.length; start += WINDOW) {
    if (start > 0) await setImmediate();
    // One that begins in this window may end in the next.
    const window = body.subarray(start, start + WINDOW + placeholder.length - 1);
    for (let at = window.indexOf(placeholder); at !== -1; at = window.indexOf(placeholder, at + 1)) {
      if (matches.length >= MAX_MATCHES) return false;
      matches.push({ ...replacement, at: start + at });
    }
  }
  return true;
}
