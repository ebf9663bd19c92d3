/**
 * Authenticates WebSocket upgrades on the TCP listener (docs/protocol/transport.md §9).
 *
 * Threat: another user of the machine, or of the network, reaches the port.
 * Rule: with `--ws-auth`, an upgrade needs `Authorization: Bearer …`. A token is compared by its SHA-256 in constant
 * time. A JWT must be HS256, and its connection ends when it expires.
 * Scope: the upgrade on TCP.
 * Non-scope: health checks, unix sockets (the file's mode protects them) and stdio.
 */
import { osErrorText } from '../../system/node/os-errors.js';
import fs from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { StartError } from '../../errors/start-error.js';

export type WebSocketAuth =
  | { readonly mode: 'capability-token'; readonly tokenFile: string }
  | { readonly mode: 'capability-token'; readonly tokenSha256: string }
  | {
      readonly mode: 'signed-bearer-token';
      readonly secretFile: string;
      readonly issuer: string | null;
      readonly audience: string | null;
      readonly maxClockSkewSeconds: number;
    };

/** `endAtMs`: the expiry of the credential, in milliseconds since the epoch. `refused` is the body of the 401. */
export type AuthVerdict = { readonly endAtMs?: number } | { readonly refused: string };
export type Authenticate = (authorization: string | undefined) => AuthVerdict | Promise<AuthVerdict>;

/** Checks against the files as last read. */
export interface Authenticator {
  readonly authenticate: Authenticate;
  /**
   * Reads the files again: their new content applies to new connections. Throws StartError, and changes nothing, when
   * one cannot be used.
   */
  reload(): Promise<void>;
}

/** Reads the secrets. Throws StartError when one cannot be used. */
export async function loadAuthenticator(auth: WebSocketAuth): Promise<Authenticator> {
  let current = await read(auth);
  return {
    authenticate: (authorization) => current(authorization),
    async reload() {
      current = await read(auth);
    },
  };
}

async function read(auth: WebSocketAuth): Promise<Authenticate> {
  const verify = auth.mode === 'capability-token' ? await capabilityToken(auth) : await signedBearer(auth);
  return (authorization) => {
    if (authorization === undefined) return { refused: 'missing websocket bearer token' };
    const token = bearerToken(authorization);
    return token === undefined ? { refused: 'invalid authorization header' } : verify(token);
  };
}

type Verify = (token: string) => AuthVerdict | Promise<AuthVerdict>;
type CapabilityToken = Extract<WebSocketAuth, { mode: 'capability-token' }>;
type SignedBearer = Extract<WebSocketAuth, { mode: 'signed-bearer-token' }>;

/** The token of `Bearer TOKEN`. The scheme's case, and blanks around the token, do not matter. */
function bearerToken(authorization: string): string | undefined {
  const match = /^\s*bearer\s+(.*)$/is.exec(authorization);
  return match?.[1]!.trim() || undefined;
}

async function capabilityToken(auth: CapabilityToken): Promise<Verify> {
  const expected =
    'tokenFile' in auth ? sha256(await readSecret(auth.tokenFile)) : Buffer.from(auth.tokenSha256, 'hex');
  return (token): AuthVerdict => {
    if (!timingSafeEqual(sha256(token), expected)) return { refused: 'invalid websocket bearer token' };
    return {};
  };
}
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A shorter key would make HS256 weaker than its hash (RFC 7518 §3.2). */
const MIN_SECRET_BYTES = 32;

async function signedBearer(auth: SignedBearer): Promise<Verify> {
  const secret = new TextEncoder().encode(await readSecret(auth.secretFile));
  if (secret.length < MIN_SECRET_BYTES) {
    throw new StartError(
      `signed websocket bearer secret ${auth.secretFile} must be at least ${MIN_SECRET_BYTES} bytes`,
    );
  }
  const { compactVerify } = await import('jose');
  return async (token) => {
    let claims: Claims;
    try {
      const { payload } = await compactVerify(token, secret, { algorithms: ['HS256'] });
      claims = readClaims(payload);
    } catch {
      return { refused: 'invalid websocket jwt' };
    }
    return judgeClaims(claims, auth, Math.floor(Date.now() / 1000));
  };
}

interface Claims {
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly nbf: number | null;
  readonly iss: string | null;
  readonly aud: readonly string[] | null;
}

/** Throws when the payload is not a valid token's. */
function readClaims(payload: Uint8Array): Claims {
  const { exp, nbf = null, iss = null, aud = null } = JSON.parse(new TextDecoder().decode(payload));
  const audience = typeof aud === 'string' ? [aud] : aud;
  const fits =
    Number.isInteger(exp) &&
    (nbf === null || Number.isInteger(nbf)) &&
    (iss === null || typeof iss === 'string') &&
    (audience === null || (Array.isArray(audience) && audience.every((one) => typeof one === 'string')));
  if (!fits) throw new TypeError('a claim has a wrong type');
  return { exp, nbf, iss, aud: audience };
}

/** The protocol determines the order of the checks (docs/protocol/transport.md §9). */
function judgeClaims({ exp, nbf, iss, aud }: Claims, auth: SignedBearer, now: number): AuthVerdict {
  const skew = auth.maxClockSkewSeconds;
  if (now > exp + skew) return { refused: 'expired websocket jwt' };
  if (nbf !== null && now < nbf - skew) return { refused: 'websocket jwt is not valid yet' };
  if (auth.issuer !== null && iss !== auth.issuer) return { refused: 'websocket jwt issuer mismatch' };
  if (auth.audience !== null && !aud?.includes(auth.audience)) return { refused: 'websocket jwt audience mismatch' };
  return { endAtMs: (exp + skew + 1) * 1000 };
}

async function readSecret(file: string): Promise<string> {
  const bytes = await fs.readFile(file).catch((error: unknown) => {
    throw new StartError(`failed to read websocket auth secret ${file}: ${osErrorText(error)}`);
  });
  if (!isUtf8(bytes)) {
    throw new StartError(`failed to read websocket auth secret ${file}: stream did not contain valid UTF-8`);
  }
  const secret = bytes.toString('utf8').trim();
  if (!secret) throw new StartError(`websocket auth secret ${file} must not be empty`);
  return secret;
}
