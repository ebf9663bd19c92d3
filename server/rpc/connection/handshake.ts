/** The result of the `initialize` handshake of one connection (docs/protocol/transport.md §2). */
import type { InitializeParams } from '../../../schema/protocol/common/initialize.js';
import type { ClientIdentity } from './caller.js';
import { invalidRequest } from '../../errors/rpc-error.js';

export interface Handshake {
  /**
   * `ready` once the successful `initialize` answer has gone to the transport. The connection sends nothing else
   * before.
   */
  readonly state: 'new' | 'ready';
  readonly client: ClientIdentity;
  readonly experimentalApi: boolean;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Exact, case-sensitive names (docs/protocol/transport.md §4). */
  readonly optedOut: ReadonlySet<string>;
}

export const NO_HANDSHAKE: Handshake = {
  state: 'new',
  client: { name: '', version: '', title: null },
  experimentalApi: false,
  capabilities: {},
  optedOut: new Set(),
};

/**
 * Returns the handshake for valid `initialize` params. `sent` holds the params as received, because the schema lacks
 * codexd's own capabilities. Throws RpcError for a name that is not a valid header value.
 */
export function readHandshake(params: InitializeParams, sent: unknown): Handshake {
  const { name, version, title } = params.clientInfo;
  // Tab is the only control character that a header value may hold.

  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(name)) {
    throw invalidRequest(`Invalid clientInfo.name: '${name}'. Must be a valid HTTP header value.`);
  }
  const capabilities = (sent as { capabilities?: Record<string, unknown> | null }).capabilities ?? {};
  return {
    state: 'ready',
    client: { name, version, title: title ?? null },
    experimentalApi: params.capabilities?.experimentalApi ?? false,
    capabilities,
    optedOut: new Set(params.capabilities?.optOutNotificationMethods ?? []),
  };
}
