/** Options that name a running server to use instead of starting one. */
import type { OptionSpec } from './command-spec.js';

export const REMOTE: readonly OptionSpec[] = [
  {
    long: 'remote',
    value: 'ADDR',
    help: 'Use an app-server that runs: `ws://host:port`, `wss://host:port`, `unix://` (the socket in the Codex home) or `unix://PATH`. Its configuration counts, not yours',
  },
  {
    long: 'remote-auth-token-env',
    value: 'ENV_VAR',
    nonEmpty: true,
    help: 'The environment variable that holds the token for --remote; only over `wss://` and to this machine',
  },
];
