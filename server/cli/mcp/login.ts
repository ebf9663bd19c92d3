/** `codexd mcp login` and `codexd mcp logout` (docs/protocol/services.md §7, "The command line"). */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { isCodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { StartError } from '../../errors/start-error.js';
import type { McpLogins } from '../../sessions/mcp/oauth/index.js';
import type { StartedLogin } from '../../sessions/mcp/oauth/login.js';
import { mcpServerConfigs, type McpServerConfig } from '../../sessions/mcp/shape/server-config.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { openLogins } from './open-logins.js';
import { effectiveTable, noSuchServer, openConfig } from './open-servers.js';

/** For the person, in milliseconds. */
const TIMEOUT_MS = 300_000;

/** Throws StartError with the reason. */
export async function loginServer(parsed: ParsedCommand): Promise<number> {
  const [name = ''] = parsed.trailing;
  const source = openConfig(parsed);
  const config = mcpServerConfigs(effectiveTable(source)).find((one) => one.name === name);
  if (config === undefined) throw new StartError(noSuchServer(name));
  if (config.transport.kind === 'stdio')
    throw new StartError('OAuth login is only supported for streamable HTTP servers.');
  if (valueOf(parsed, 'oauth-client-registration') === 'cimd')
    throw new StartError('codexd has no client ID metadata document: use dcr, or set `oauth.client_id` of the server');
  const given = valuesOf(parsed, 'scopes').flatMap((list) => list.split(',').filter((scope) => scope !== ''));
  const scopes = given.length === 0 ? null : given;
  await logIn(openLogins(source), config, { scopes, pasted: isGiven(parsed, 'no-browser') });
  print(`Successfully logged in to MCP server '${name}'.\n`);
  return 0;
}

export interface LogInOptions {
  readonly scopes: readonly string[] | null;
  /** The person copies the address to which the browser comes back: it may be on another machine. */
  readonly pasted: boolean;
}

/** Throws StartError with the reason. */
export async function logIn(
  logins: McpLogins,
  config: McpServerConfig,
  { scopes, pasted }: LogInOptions,
): Promise<void> {
  try {
    const started = await logins.login(config, { scopes, timeoutMs: TIMEOUT_MS });
    const { authorizationUrl: url } = started;
    if (!pasted) show(`Authorize \`${config.name}\` by opening this URL in your browser:\n${url}\n\n`);
    else {
      show(`Authorize the MCP server by opening this URL in your browser:\n${url}\n\n${COPY}`);
      await Promise.race([started.done, readAnswer(started)]);
    }
    await started.done;
  } catch (error) {
    throw isCodexdError(error) && error.kind === 'bug' ? error : new StartError(messageOf(error));
  } finally {
    await logins.close();
  }
}

const COPY = `After signing in, copy the full URL from your browser's address bar.
If the callback page cannot load, paste that URL here anyway.
Callback URL (input hidden): `;

/** The address holds a code: a terminal does not show it. Throws StartError when there is none. */
async function readAnswer(started: StartedLogin): Promise<void> {
  const hidden = new Writable({ write: (_text, _encoding, done) => done() });
  const terminal = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output: hidden, terminal });
  const over = (): void => lines.close();
  started.done.then(over, over);
  for await (const line of lines) {
    const text = line.trim();
    if (text === '') continue;
    if (URL.canParse(text) && started.take(new URL(text))) return;
    show('\nThat is not the address of this login. Callback URL (input hidden): ');
  }
  // Its own end closes the input, too.
  const ended = await Promise.race([started.done.then(() => true), Promise.resolve(false)]);
  if (!ended) throw new StartError('No OAuth callback URL received before input closed');
}

/** A server that is not there, or has no login, is no error, as in the reference. Throws StartError. */
export async function logoutServer(parsed: ParsedCommand): Promise<number> {
  const [name = ''] = parsed.trailing;
  const source = openConfig(parsed);
  const config = mcpServerConfigs(effectiveTable(source)).find((one) => one.name === name);
  if (config === undefined) throw new StartError(`No MCP server named '${name}' found in configuration.`);
  if (config.transport.kind === 'stdio')
    throw new StartError('OAuth logout is only supported for streamable_http transports.');
  const removed = await openLogins(source)
    .logout(config)
    .catch((error: unknown) => {
      throw new StartError(`failed to delete OAuth credentials: ${messageOf(error)}`);
    });
  print(removed ? `Removed OAuth credentials for '${name}'.\n` : `No OAuth credentials stored for '${name}'.\n`);
  return 0;
}

const show = (text: string): void => print(terminalText(text, process.stdout));
