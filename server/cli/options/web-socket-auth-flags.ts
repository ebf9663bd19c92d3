/**
 * Checks the combination of `--ws-*` flags (docs/protocol/transport.md §9), for every transport. The files are read
 * only when a WebSocket listener starts (server/rpc/transports/auth.ts).
 */
import path from 'node:path';
import type { WebSocketAuth } from '../../rpc/transports/auth.js';
import { StartError } from '../../errors/start-error.js';

export interface WebSocketAuthFlags {
  readonly mode: string | null;
  readonly tokenFile: string | null;
  readonly tokenSha256: string | null;
  readonly secretFile: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly maxClockSkewSeconds: string | null;
}

const DEFAULT_CLOCK_SKEW_SECONDS = 30;
const INT64_MAX = 2n ** 63n - 1n;

/** Null: no authentication. Throws StartError. Relative paths are resolved against the working directory. */
export function webSocketAuth(flags: WebSocketAuthFlags): WebSocketAuth | null {
  if (flags.mode === 'capability-token') return capabilityToken(flags);
  if (flags.mode === 'signed-bearer-token') return signedBearer(flags);
  if (hasTokenFlags(flags) || hasSecretFlags(flags)) {
    throw new StartError(
      'websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`',
    );
  }
  return null;
}

const hasTokenFlags = ({ tokenFile, tokenSha256 }: WebSocketAuthFlags): boolean =>
  tokenFile !== null || tokenSha256 !== null;
const hasSecretFlags = ({ secretFile, issuer, audience, maxClockSkewSeconds }: WebSocketAuthFlags): boolean =>
  [secretFile, issuer, audience, maxClockSkewSeconds].some((flag) => flag !== null);

function capabilityToken(flags: WebSocketAuthFlags): WebSocketAuth {
  if (hasSecretFlags(flags)) {
    throw new StartError(
      '`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`',
    );
  }
  const { tokenFile, tokenSha256 } = flags;
  if (tokenFile !== null && tokenSha256 !== null) {
    throw new StartError('`--ws-token-file` and `--ws-token-sha256` are mutually exclusive');
  }
  if (tokenFile !== null) return { mode: 'capability-token', tokenFile: path.resolve(tokenFile) };
  if (tokenSha256 === null) {
    throw new StartError(
      '`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set',
    );
  }
  const digest = tokenSha256.trim();
  if (!/^[0-9a-f]{64}$/i.test(digest)) {
    throw new StartError('--ws-token-sha256 must be a 64-character hex SHA-256 digest');
  }
  return { mode: 'capability-token', tokenSha256: digest };
}

function signedBearer(flags: WebSocketAuthFlags): WebSocketAuth {
  if (hasTokenFlags(flags)) {
    throw new StartError(
      '`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not `signed-bearer-token`',
    );
  }
  if (flags.secretFile === null) {
    throw new StartError('`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set');
  }
  const skew = BigInt(flags.maxClockSkewSeconds ?? DEFAULT_CLOCK_SKEW_SECONDS);
  if (skew > INT64_MAX) throw new StartError('websocket auth clock skew must fit in a signed 64-bit integer');
  return {
    mode: 'signed-bearer-token',
    secretFile: path.resolve(flags.secretFile),
    issuer: flags.issuer?.trim() || null,
    audience: flags.audience?.trim() || null,
    maxClockSkewSeconds: Number(skew),
  };
}
