/** `mcpServer/oauth/login` (docs/protocol/services.md §7, "OAuth"). */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors/message-of.js';
import { internalError, invalidRequest, RpcError } from '../../errors/rpc-error.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { Outbox } from '../live/outbox.js';
import type { StartedLogin } from '../mcp/oauth/login.js';
import type { McpLogins } from '../mcp/oauth/index.js';
import type { McpServerConfig } from '../mcp/shape/server-config.js';

export interface McpLoginDeps {
  readonly logins: McpLogins;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  /** Loaded threads start the servers that wait for a login. Throws RpcError when the configuration cannot be used. */
  readonly reloadServers: () => void;
}

/** How a server is named in errors (0.171). `environmentId` null: it belongs to none. */
export const inEnvironment = (name: string, environmentId: string | null): string =>
  environmentId === null ? name : `${name} (environment ${environmentId})`;

type Params = RequestParams<'mcpServer/oauth/login'>;

/** How long the person has, in seconds, where the request does not say it; as in the official program. */
const TIMEOUT_S = 300;

/** `afterAnswer`: runs what it gets behind the answer. Throws RpcError. */
export async function loginAtServer(
  deps: McpLoginDeps,
  params: Params,
  configs: readonly McpServerConfig[],
  afterAnswer: (work: () => void) => void,
): Promise<RequestResult<'mcpServer/oauth/login'>> {
  const { name, environmentId = null, threadId = null, scopes = null, timeoutSecs, clientRegistration } = params;
  const config = environmentId === null ? configs.find((one) => one.name === name) : undefined;
  if (config === undefined) throw invalidRequest(`No MCP server named '${inEnvironment(name, environmentId)}' found.`);
  if (config.transport.kind === 'stdio')
    throw invalidRequest('OAuth login is only supported for streamable HTTP servers.');
  if (clientRegistration === 'cimd') throw failed(name, NO_DOCUMENT);
  const timeoutMs = Math.max(Number(timeoutSecs ?? TIMEOUT_S), 1) * 1000;
  const started = await deps.logins.login(config, { scopes, timeoutMs }).catch((error: unknown) => {
    throw failed(name, messageOf(error));
  });
  const loginId = randomUUID();
  const completed = (error: string | null): void =>
    deps.outbox.broadcast('mcpServer/oauthLogin/completed', {
      name,
      threadId,
      loginId,
      success: error === null,
      ...(error === null ? {} : { error }),
    });
  afterAnswer(() => void whenDone(deps, started, completed));
  return { authorizationUrl: started.authorizationUrl, loginId };
}

/** Never rejects. */
async function whenDone(
  { reloadServers }: McpLoginDeps,
  { done }: StartedLogin,
  completed: (error: string | null) => void,
): Promise<void> {
  try {
    await done;
  } catch (error) {
    return completed(messageOf(error));
  }
  completed(null);
  try {
    reloadServers();
  } catch (error) {
    // The login counts: a configuration that cannot be used now is reported where it is read.
    if (!(error instanceof RpcError)) throw error;
  }
}

const failed = (name: string, why: string): RpcError =>
  internalError(`failed to login to MCP server '${name}': ${why}`);

/** codexd publishes no document about itself as a client. */
const NO_DOCUMENT =
  'codexd has no client ID metadata document: leave `clientRegistration` out, or set `oauth.client_id` of the server';
