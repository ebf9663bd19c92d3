/** What the configuration says about logins at all MCP servers (docs/protocol/services.md §7, "OAuth"). */
import { CodexdError } from '../../../errors/codexd-error.js';
import type { TomlTable } from '../../../config/toml/value.js';

export interface OauthSettings {
  /** `keyring`: tokens are kept where codexd has no access. */
  readonly store: 'file' | 'keyring';
  /** Null: a free port. */
  readonly callbackPort: number | null;
  /** What the browser is sent back to, without the part that names the server; null: this machine. */
  readonly callbackUrl: URL | null;
}

/** Throws `mcp.login` for values that cannot be used. */
export function oauthSettings(table: TomlTable): OauthSettings {
  const { mcp_oauth_credentials_store: store, mcp_oauth_callback_port: port, mcp_oauth_callback_url: url } = table;
  if (typeof url === 'string' && !URL.canParse(url))
    throw new CodexdError('mcp.login', `invalid MCP OAuth callback URL \`${url}\`: it is no URL`);
  return {
    // As the official program does where the system has no keyring.
    store: store === 'keyring' ? 'keyring' : 'file',
    callbackPort: typeof port === 'number' || typeof port === 'bigint' ? Number(port) : null,
    callbackUrl: typeof url === 'string' ? new URL(url) : null,
  };
}

/** Throws `mcp.login` when tokens may not be in the file. */
export function checkStore({ store }: OauthSettings): void {
  if (store === 'file') return;
  throw new CodexdError(
    'mcp.login',
    '`mcp_oauth_credentials_store = "keyring"` is not supported: codexd has no keyring. Set it to "file" or "auto": the tokens are then in .credentials.json of the Codex home, readable by you alone',
  );
}
