/** The options of `codexd app-server`, as the daemon gets them. */
import type { Transport } from '../rpc/transports/listen-url.js';
import type { WebSocketAuth } from '../rpc/transports/auth.js';
import type { LogFormat } from '../log/log.js';
import type { CommandLineConfig } from '../config/layers/overrides.js';
import type { OutputFile } from '../system/files/output-file.js';

export interface AppServerOptions {
  /** At least one. Several only when all of them are listeners. */
  readonly transports: readonly [Transport, ...Transport[]];
  /** Null: none. Only for a WebSocket listener; the files are read when it starts. */
  readonly webSocketAuth: WebSocketAuth | null;
  /** Further origins of the console on WebSocket listeners; null: they do not serve it. */
  readonly console: readonly string[] | null;
  /** Whose members may connect to unix sockets, by name or number; null: nobody but the user. */
  readonly socketGroup: string | null;
  /** `--log-level` and `--log-format`; null: what the environment says. */
  readonly logFilter: string | null;
  readonly logFormat: LogFormat | null;
  /** As written: `sessionFlags` of server/config judges it. */
  readonly config: CommandLineConfig;
  readonly strictConfig: boolean;
  /** The user's `.rules` files do not count; the administrator's do. */
  readonly ignoresRules: boolean;
  /** What threads that are started here are said to come from. */
  readonly sessionSource: string;
  /** `codexd record`: the cassette for what models say; null: none. */
  readonly recordTo: OutputFile | null;
  /** Print the requirements as one line of JSON and exit instead of serving. */
  readonly printStartupConfig: boolean;
}
