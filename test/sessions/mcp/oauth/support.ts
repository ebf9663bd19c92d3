/** Logins at a server of the test, in a home of the test. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import { silentLogger } from '../../../../server/log/log.js';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { createMcpLogins, type McpLogins } from '../../../../server/sessions/mcp/oauth/index.js';
import { oauthSettings } from '../../../../server/sessions/mcp/oauth/oauth-settings.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { mcpServerConfigs, type McpServerConfig } from '../../../../server/sessions/mcp/shape/server-config.js';

export const configOf = (url: string, more = '', name = 'srv'): McpServerConfig =>
  mcpServerConfigs(parseToml(`[mcp_servers.${name}]\nurl = "${url}"\n${more}`))[0]!;

export interface World {
  readonly home: string;
  readonly logins: McpLogins;
  /** Lines of the log. */
  readonly lines: string[];
}

/** One of several of a test. */
export function newHome(t: Test): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-logins-'));
  t.teardown(() => fs.rmSync(home, { recursive: true, force: true }));
  return home;
}

/** `settings`: of config.toml. */
export function world(t: Test, settings = '', home = newHome(t)): World {
  const lines: string[] = [];
  const log = { ...silentLogger, warn: (line: string) => void lines.push(line) };
  const outbound = createOutbound({});
  const logins = createMcpLogins({
    codexHome: home,
    env: {},
    outbound: () => outbound,
    settings: () => oauthSettings(parseToml(settings)),
    log: { ...log, child: () => log },
  });
  t.teardown(() => logins.close());
  return { home, logins, lines };
}

/** What a request for a login has, unless the test says otherwise. */
export const REQUEST = { scopes: null, timeoutMs: 60_000 };

export const never = new AbortController().signal;
