/**
 * `--remote`: connects to a running server instead of starting one.
 *
 * Threat: other people read the network that carries the token. Rule: the token is sent only over wss, or to this
 * machine.
 */
import { messageOf } from '../../errors/message-of.js';
import type { Agent } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { connectUnixSocket, connectWebSocket, type Client } from '../../../clients/typescript/index.js';
import type { ClientOptions } from '../../../clients/typescript/index.js';
import { sessionFlags } from '../../config/layers/overrides.js';
import { toJson } from '../../config/toml/value.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { controlSocketPath } from '../../config/settings/control-socket.js';
import { localAgent } from '../../rpc/transports/local-client.js';
import { execError } from './exec-error.js';

export interface RemoteServer {
  /** The name of the server in errors. */
  readonly address: string;
  readonly socketPath: string | null;
  /** Bearer token. Null: none. */
  readonly token: string | null;
  /** `-c`, `--enable` and `--disable` for the thread. */
  readonly config: Readonly<Record<string, unknown>> | null;
}

/** Options that need a server of their own, because only the start of a server can set them. */
const OF_AN_OWN_SERVER = [
  'image',
  'oss',
  'local-provider',
  'profile',
  'add-dir',
  'strict-config',
  'ignore-user-config',
  'ignore-rules',
  'trust',
];

/** `codexd chat` has `--attach`. */
export type RemoteOption = 'remote' | 'attach';

/**
 * Null: `--remote` was not given. Throws `cli.exec`: no address, no token, or an option that only the start of a server
 * can set.
 */
export function remoteServer(parsed: ParsedCommand, option: RemoteOption = 'remote'): RemoteServer | null {
  const address = valueOf(parsed, option);
  const variable = valueOf(parsed, `${option}-auth-token-env`);
  if (address === null) {
    if (variable !== null) throw execError(`Error: \`--${option}-auth-token-env\` requires \`--${option}\`.`);
    return null;
  }
  // `codexd chat` sends the images themselves.
  const foreign = OF_AN_OWN_SERVER.find((long) => isGiven(parsed, long) && !(long === 'image' && option === 'attach'));
  if (foreign !== undefined) {
    throw execError(
      `Error: --${foreign} cannot be used with --${option}: configure the server at \`${address}\` itself`,
    );
  }
  if (parsed.recordTo !== null) {
    throw execError(
      `Error: \`codexd record\` cannot record what a server at --${option} asks: record there, with \`codexd record FILE app-server\``,
    );
  }
  const socketPath = socketOf(address);
  const url = socketPath === null ? webSocketUrl(address) : null;
  const flags = sessionFlags(commandLineConfig(parsed));
  return {
    address: url?.href ?? `unix://${socketPath}`,
    socketPath,
    token: variable === null ? null : tokenFrom(variable, url, option),
    config: flags === null ? null : toJson(flags),
  };
}

function socketOf(address: string): string | null {
  if (!address.startsWith('unix://')) return null;
  const named = address.slice('unix://'.length);
  return named === '' ? controlSocketPath() : path.resolve(named);
}

function webSocketUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  // A URL omits the default port of its scheme, but this address needs a port.
  const bare = /^wss?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]+\]|[^/?#:@[\]]+):\d+\/?$/.test(address);
  if (url === null || !bare) {
    throw execError(
      `Error: invalid remote address \`${address}\`; expected \`ws://host:port\`, \`wss://host:port\`, \`unix://\`, or \`unix://PATH\``,
    );
  }
  return url;
}

function tokenFrom(variable: string, url: URL | null, option: RemoteOption): string {
  const isLocal = url !== null && isLoopback(url.hostname);
  if (url === null || (url.protocol !== 'wss:' && !isLocal)) {
    throw execError(`Error: \`--${option}-auth-token-env\` requires a \`wss://\` or loopback \`ws://\` remote.`);
  }
  const token = process.env[variable];
  if (token === undefined) throw execError(`Error: environment variable \`${variable}\` is not set`);
  if (token.trim() === '') throw execError(`Error: environment variable \`${variable}\` is empty`);
  return token.trim();
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (net.isIPv4(host) && host.startsWith('127.'));

/** `reconnects`: a lost connection is restored. Throws `cli.exec` when no server answers at the address. */
export async function connectRemote(
  { address, socketPath, token }: RemoteServer,
  options: ClientOptions,
  reconnects = false,
): Promise<Client> {
  try {
    const once = { ...options, ...(reconnects ? {} : { reconnect: false as const }) };
    return socketPath === null
      ? await connectWebSocket(address, { ...once, ...(token === null ? {} : { token }) })
      : await connectUnixSocket(socketPath, { ...once, ...ownServer(socketPath) });
  } catch (error) {
    throw execError(`Error: failed to connect to remote app server at \`${address}\`: ${innermost(error)}`);
  }
}

function ownServer(socketPath: string): { readonly agent?: Agent } {
  const agent = localAgent(socketPath);
  return agent === undefined ? {} : { agent };
}

/** The system's message. The client's message around it would repeat the address. */
function innermost(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return messageOf(at);
}
