/** What one connection has agreed with its client (docs/protocol/transport.md §2). All of it is per connection. */
import type { InitializeParams } from '../../../schema/protocol/common/initialize.js';
import type { ClientIdentity } from './caller.js';
import { invalidRequest } from '../../errors/rpc-error.js';

export interface Session {
  /**
   * `ready` from the moment the good `initialize` answer was handed to the transport; before it nothing else is sent.
   */
  readonly state: 'new' | 'ready';
  readonly client: ClientIdentity;
  readonly experimentalApi: boolean;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Exact, case-sensitive names (docs/protocol/transport.md §4). */
  readonly optedOut: ReadonlySet<string>;
}

export const NEW_SESSION: Session = {
  state: 'new',
  client: { name: '', version: '', title: null },
  experimentalApi: false,
  capabilities: {},
  optedOut: new Set(),
};

/**
 * The session that good `initialize` params ask for. `sent` are the params as they came: capabilities that are
 * codexd's own are not in the schema. Throws RpcError for a name that could not stand in a header.
 */
export function agree(params: InitializeParams, sent: unknown): Session {
  const { name, version, title } = params.clientInfo;
  // Tab is the one control character that a header value may hold.

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
