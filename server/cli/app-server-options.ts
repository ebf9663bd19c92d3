/** The options of `codexd app-server`, as server/app.ts gets them. */
import type { CommandLineConfig } from '../config/layers/overrides.js';
import type { WebSocketAuth } from '../rpc/auth.js';
import { isGiven, valueOf, type ParsedCommand } from './command-spec.js';
import { parseListenUrl, type Transport } from './listen-url.js';
import { webSocketAuth } from './web-socket-auth-flags.js';

export interface AppServerOptions {
  readonly transport: Transport;
  /** Null: none. Only for a WebSocket listener; the files are read when it starts. */
  readonly webSocketAuth: WebSocketAuth | null;
  /** As written: `sessionFlags` of server/config judges it. */
  readonly config: CommandLineConfig;
  readonly strictConfig: boolean;
  /** Print the requirements as one line of JSON and exit instead of serving. */
  readonly printStartupConfig: boolean;
}

/** Throws StartError for authentication flags that do not go together. */
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
    transport: parseListenUrl(valueOf(parsed, 'listen') ?? 'stdio://'),
    config: commandLineConfig(parsed),
    strictConfig: isGiven(parsed, 'strict-config'),
    printStartupConfig: isGiven(parsed, 'print-startup-config'),
  };
}

/** What every command takes: `-c`, `--enable`, `--disable`. */
export function commandLineConfig({ globals }: ParsedCommand): CommandLineConfig {
  const given = (option: string): string[] => globals.filter(({ name }) => name === option).map(({ value }) => value);
  return { overrides: given('config'), enable: given('enable'), disable: given('disable') };
}
