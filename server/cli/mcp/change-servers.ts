/** `codexd mcp add` and `codexd mcp remove`: they change config.toml as `config/value/write` does. */
import { problemText } from '../../config/layers/config-problem.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { tableAt } from '../../config/toml/value.js';
import { writeConfig } from '../../config/write/write-config.js';
import { ConfigError } from '../../errors/config-error.js';
import { messageOf } from '../../errors/message-of.js';
import { StartError } from '../../errors/start-error.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { mcpServerConfigs } from '../../sessions/mcp/shape/server-config.js';
import { logIn } from './login.js';
import { openLogins } from './open-logins.js';
import { effectiveTable, noSuchServer, openConfig } from './open-servers.js';

/** Replaces the whole server of this name, if there is one. Throws StartError; the file is unchanged then. */
export async function addServer(parsed: ParsedCommand): Promise<number> {
  const [name = '', ...command] = parsed.trailing;
  const source = openConfig(parsed);
  checkName(name);
  const server = serverValue(parsed, command);
  effectiveTable(source);
  checkProfile(source, valueOf(parsed, 'permissions'));
  await write(source, name, server);
  print(`Added global MCP server '${name}'.\n`);
  if (isGiven(parsed, 'url') && !isGiven(parsed, 'bearer-token-env-var')) await logInIfAsked(source, name);
  return 0;
}

/** As the reference does. Throws StartError when the login fails; the server is added all the same. */
async function logInIfAsked(source: ConfigService, name: string): Promise<void> {
  const config = mcpServerConfigs(effectiveTable(source)).find((one) => one.name === name);
  if (config === undefined) return;
  const logins = openLogins(source);
  const status = await logins.status(config);
  if (status === 'unknown')
    print(`MCP server may or may not require login. Run \`codexd mcp login ${name}\` to login.\n`);
  if (status !== 'notLoggedIn') return;
  print('Detected OAuth support. Starting OAuth flow…\n');
  await logIn(logins, config, { scopes: null, pasted: false });
  print('Successfully logged in.\n');
}

/** Only config.toml counts, not another layer. A missing server is no error, as in the reference. */
export async function removeServer(parsed: ParsedCommand): Promise<number> {
  const [name = ''] = parsed.trailing;
  const source = openConfig(parsed);
  checkName(name);
  const { effective, problem } = source.resolve();
  // A mistake in a value does not prevent the removal: it may be the one of this server.
  if (problem !== null && problem.kind === 'layers') throw new StartError(problemText(effective, problem).trimEnd());
  const user = effective.layers.find((layer) => layer.name.type === 'user');
  if (user === undefined || tableAt(user.table, 'mcp_servers')[name] === undefined) {
    print(`${noSuchServer(name)}\n`);
    return 0;
  }
  await write(source, name, null);
  print(`Removed global MCP server '${name}'.\n`);
  return 0;
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9_:@/.-]+$/.test(name)) return;
  throw new StartError(`invalid server name '${name}' (use letters, numbers, '-', '_', ':', '@', '/', '.')`);
}

/** A server whose profile does not exist would never start. Throws StartError. */
function checkProfile(source: ConfigService, profile: string | null): void {
  if (profile === null) return;
  try {
    source.settings().profile(profile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new StartError(`--permissions names the profile "${profile}", which cannot be used: ${error.message}`);
  }
}

/** The table of the server as JSON, in the order in which it is written. */
function serverValue(parsed: ParsedCommand, command: readonly string[]): Readonly<Record<string, unknown>> {
  const variables = valuesOf(parsed, 'env').map((entry) => {
    const equals = entry.indexOf('=');
    return [entry.slice(0, equals).trim(), entry.slice(equals + 1)] as const;
  });
  const url = valueOf(parsed, 'url');
  const permissions = valueOf(parsed, 'permissions');
  if (url !== null) {
    if (permissions !== null)
      throw new StartError('--permissions is for programs: a server at an address runs elsewhere');
    if (variables.length > 0) throw new StartError('command is required');
    const variable = valueOf(parsed, 'bearer-token-env-var');
    const [id, secret] = [valueOf(parsed, 'oauth-client-id'), valueOf(parsed, 'oauth-client-secret')];
    const resource = valueOf(parsed, 'oauth-resource');
    return {
      url,
      ...(variable !== null && { bearer_token_env_var: variable }),
      ...(resource !== null && { oauth_resource: resource }),
      ...(id !== null && { oauth: { client_id: id, ...(secret !== null && { client_secret: secret }) } }),
    };
  }
  const [program = '', ...args] = command;
  const env = Object.fromEntries([...variables].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return {
    command: program,
    ...(args.length > 0 && { args }),
    ...(variables.length > 0 && { env }),
    ...(permissions !== null && { permissions }),
  };
}

async function write(source: ConfigService, name: string, value: unknown): Promise<void> {
  try {
    const { overriddenMetadata } = await writeConfig(source, {
      // The name has no character that a quoted segment would escape.
      edits: [{ keyPath: `mcp_servers."${name}"`, value, mergeStrategy: 'replace' }],
      filePath: null,
      expectedVersion: null,
    });
    if (overriddenMetadata !== null) warn(overriddenMetadata.message);
  } catch (error) {
    // The place of a mistake in the file says more than the refusal of the result.
    const { effective, problem } = source.resolve();
    throw new StartError((problem === null ? messageOf(error) : problemText(effective, problem)).trimEnd());
  }
}

const warn = (text: string): void => void process.stderr.write(`warning: ${text}\n`);
