/** Logins with OAuth at the MCP servers of one Codex home (docs/protocol/services.md §7, "OAuth"). */
import { CodexdError } from '../../../errors/codexd-error.js';
import { describe } from '../../../errors/describe.js';
import type { Logger } from '../../../log/log.js';
import type { Outbound } from '../../model/endpoint/outbound.js';
import type { AccessTokens } from '../shape/connection.js';
import { hasOwnToken, httpHeaders } from '../shape/http-headers.js';
import type { HttpTransport, McpServerConfig } from '../shape/server-config.js';
import { createRenewer, isUsable, type LoginServer } from './access-tokens.js';
import { changeStoredLogin, credentialsKey, readStoredLogin, whileRefreshing } from './credentials-file.js';
import { startLogin, type StartedLogin } from './login.js';
import { checkStore, type OauthSettings } from './oauth-settings.js';

export interface McpLoginsOptions {
  readonly codexHome: string;
  readonly outbound: () => Outbound;
  /** The daemon's own environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
  /** What the configuration says now. Throws `mcp.login` for values that cannot be used. */
  readonly settings: () => OauthSettings;
}

export interface LoginRequest {
  /** Null: those of the configuration, or those that the server names. */
  readonly scopes: readonly string[] | null;
  /** For the person, in milliseconds. */
  readonly timeoutMs: number;
}

/** As the protocol names it. */
export type AuthStatus = 'unsupported' | 'bearerToken' | 'notLoggedIn' | 'oAuth' | 'unknown';

export interface McpLogins {
  /** For the requests of a connection; null: the server is a process, or the configuration has a token for it. */
  tokens(config: McpServerConfig): AccessTokens | null;
  /** The access token of the stored login, to see that there is another one; null: there is none. Never throws. */
  stored(config: McpServerConfig): string | null;
  /** Asks the server only where nothing here says it. Never rejects. */
  status(config: McpServerConfig): Promise<AuthStatus>;
  /**
   * Another login at the same server ends the one before. Throws `mcp.login`, or the error of the connection. `done`
   * rejects with them, too.
   */
  login(config: McpServerConfig, request: LoginRequest): Promise<StartedLogin>;
  /** Whether there was a login. Throws `mcp.login`, `mcp.credentials`, `machine.contended`. */
  logout(config: McpServerConfig): Promise<boolean>;
  /** Ends logins that wait, and waits for renewals. Never rejects. */
  close(): Promise<void>;
}

/** For the question whether a server has logins, in milliseconds. */
const QUESTION_MS = 5_000;

/** Reads nothing yet. */
export function createMcpLogins(options: McpLoginsOptions): McpLogins {
  const { codexHome, env, outbound, settings, log } = options;
  const renewer = createRenewer(options);
  /** Those that wait for a person, by server. */
  const waiting = new Map<string, AbortController>();
  const ended = (why: string): CodexdError => new CodexdError('mcp.login', why);

  const usesFile = (): boolean => settings().store === 'file';

  return {
    tokens(config) {
      const server = loginServer(config, env);
      return server === null || !usesFile() ? null : renewer.tokensOf(server);
    },
    stored(config) {
      const server = loginServer(config, env);
      if (server === null) return null;
      try {
        return usesFile() ? (readStoredLogin(codexHome, server)?.accessToken ?? null) : null;
      } catch (error) {
        log.warn(...describe('the stored logins at MCP servers cannot be read', error));
        return null;
      }
    },
    async status(config) {
      const { transport } = config;
      if (transport.kind === 'stdio' || !config.enabled) return 'unsupported';
      if (hasOwnToken(transport)) return 'bearerToken';
      const server = loginServer(config, env);
      if (server === null) return 'unknown';
      try {
        const login = usesFile() ? readStoredLogin(codexHome, server) : null;
        if (login !== null)
          return isUsable(login) && !renewer.isRefused(server, login.accessToken) ? 'oAuth' : 'notLoggedIn';
        const { findAuthorization } = await import('../connection/mcp-sdk.js');
        const limit = AbortSignal.timeout(QUESTION_MS);
        const { url, headers } = server;
        const found = await findAuthorization({
          outbound: outbound(),
          server: new URL(url),
          headers,
          signal: () => limit,
        });
        return found === null ? 'unsupported' : 'notLoggedIn';
      } catch (error) {
        log.debug(...describe(`whether MCP server ${config.name} has logins is not known`, error));
        return 'unknown';
      }
    },
    async login(config, { scopes, timeoutMs }) {
      const server = loginServerOrThrow(config, env);
      const key = credentialsKey(server);
      waiting.get(key)?.abort(ended('another login at this server has begun'));
      const gone = new AbortController();
      waiting.set(key, gone);
      const over = (): void => {
        if (waiting.get(key) === gone) waiting.delete(key);
      };
      try {
        const started = await startLogin({
          codexHome,
          outbound: outbound(),
          server,
          settings: settings(),
          login: server.login,
          headers: server.headers,
          scopes,
          timeoutMs,
          gone: gone.signal,
        });
        const done = started.done.finally(over);
        // A caller that does not wait for it needs no error.
        done.catch(() => undefined);
        return { ...started, done };
      } catch (error) {
        over();
        throw error;
      }
    },
    async logout(config) {
      const server = loginServerOrThrow(config, env);
      checkStore(settings());
      // Not while somebody renews: that would store the login again.
      return whileRefreshing(codexHome, server, () => changeStoredLogin(codexHome, server, null));
    },
    async close() {
      for (const gone of waiting.values()) gone.abort(ended('the program ends'));
      await renewer.settled();
    },
  };
}

/** Null: there is nothing to log in to. */
function loginServer({ name, transport }: McpServerConfig, env: McpLoginsOptions['env']): LoginServer | null {
  return transport.kind === 'stdio' || hasOwnToken(transport) ? null : withHeaders(name, transport, env);
}

function withHeaders(name: string, transport: HttpTransport, env: McpLoginsOptions['env']): LoginServer | null {
  const { url, login } = transport;
  const headers = httpHeaders({ ...transport, bearerTokenEnvVar: null }, name, env);
  if (typeof headers === 'string' || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return null;
  return { name, url, login, headers };
}

/** Throws `mcp.login` for a server that has no address. */
function loginServerOrThrow({ name, transport }: McpServerConfig, env: McpLoginsOptions['env']): LoginServer {
  const server = transport.kind === 'stdio' ? null : withHeaders(name, transport, env);
  if (server !== null) return server;
  throw new CodexdError(
    'mcp.login',
    transport.kind === 'stdio'
      ? 'OAuth login is only supported for streamable HTTP servers.'
      : `MCP server '${name}' cannot be asked: its \`url\` is no http or https address, or a header cannot be sent`,
  );
}
