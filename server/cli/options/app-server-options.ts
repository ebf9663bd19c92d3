/** The options of `codexd app-server` in the form of server/app/app.ts. */
import type { CommandLineConfig } from '../../config/layers/overrides.js';
import { StartError } from '../../errors/start-error.js';
import { LOG_FORMATS } from '../../log/log.js';
import { wordOf } from '../../system/node/objects.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from './command-spec.js';
import { parseListenUrl } from '../../rpc/transports/listen-url.js';
import { webSocketAuth } from './web-socket-auth-flags.js';
import type { AppServerOptions } from '../../app/options.js';

/** Leaves the cassette out. Throws StartError for flags that exclude each other. */
export function appServerOptions(parsed: ParsedCommand): AppServerOptions {
  return {
    webSocketAuth: webSocketAuth({
      mode: valueOf(parsed, 'ws-auth'),
      tokenFile: valueOf(parsed, 'ws-token-file'),
      tokenSha256: valueOf(parsed, 'ws-token-sha256'),
      secretFile: valueOf(parsed, 'ws-shared-secret-file'),
      issuer: valueOf(parsed, 'ws-issuer'),
      audience: valueOf(parsed, 'ws-audience'),
      maxClockSkewSeconds: valueOf(parsed, 'ws-max-clock-skew-seconds'),
    }),
    transports: transports(valuesOf(parsed, 'listen')),
    console: consoleOrigins(parsed),
    socketGroup: socketGroup(parsed),
    logFilter: valueOf(parsed, 'log-level'),
    logFormat: wordOf(LOG_FORMATS, valueOf(parsed, 'log-format')),
    config: commandLineConfig(parsed),
    strictConfig: isGiven(parsed, 'strict-config'),
    ignoresRules: isGiven(parsed, 'ignore-rules'),
    sessionSource: valueOf(parsed, 'session-source') ?? 'vscode',
    recordTo: null,
    printStartupConfig: isGiven(parsed, 'print-startup-config'),
  };
}

/** `--listen`, one or more times. Several listeners are an extension of codexd (docs/protocol-extensions.md). */
function transports(urls: readonly string[]): AppServerOptions['transports'] {
  const [first = 'stdio://', ...others] = urls;
  const alone = urls.find((url) => url === 'off' || url === 'stdio://');
  if (alone !== undefined && urls.length > 1) {
    throw new StartError(`--listen ${alone} cannot be combined with another --listen`);
  }
  return [parseListenUrl(first), ...others.map(parseListenUrl)];
}

function consoleOrigins(parsed: ParsedCommand): readonly string[] | null {
  if (!isGiven(parsed, 'console')) return null;
  if (valuesOf(parsed, 'listen').some((url) => url.startsWith('ws://'))) return valuesOf(parsed, 'console-origin');
  throw new StartError('--console is a page on a WebSocket listener: it needs `--listen ws://IP:PORT`');
}

function socketGroup(parsed: ParsedCommand): string | null {
  const group = valueOf(parsed, 'socket-group');
  if (group === null || valuesOf(parsed, 'listen').some((url) => url.startsWith('unix://'))) return group;
  throw new StartError('--socket-group is about a unix socket: it needs `--listen unix://` or `--listen unix://PATH`');
}

/** Options of every command: `-c`, `--enable`, `--disable`; and the options of some commands about the user's files. */
export function commandLineConfig(parsed: ParsedCommand): CommandLineConfig {
  const { globals } = parsed;
  const given = (option: string): string[] => globals.filter(({ name }) => name === option).map(({ value }) => value);
  const profile = valueOf(parsed, 'profile') ?? valueOf(parsed, 'config-profile');
  return {
    overrides: [...(isGiven(parsed, 'search') ? ['web_search="live"'] : []), ...given('config')],
    enable: given('enable'),
    disable: given('disable'),
    ...(profile === null ? {} : { profile }),
    ...(isGiven(parsed, 'ignore-user-config') ? { ignoresUserFile: true } : {}),
  };
}
