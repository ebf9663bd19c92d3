/** `codexd app-server` and its subcommands. */
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import type { AppServerOptions } from '../../app/options.js';
import { isObject } from '../../system/node/objects.js';
import type { CommandSpec, OptionSpec } from '../options/command-spec.js';
import { STRICT_CONFIG, valueOf, isGiven } from '../options/command-spec.js';
import { REMOTE } from '../options/remote-options.js';
import { LAUNCH_FOLDERS } from '../options/launch-folders.js';
import { IGNORED_FILES } from '../options/user-file-options.js';
import { profileNameProblem } from '../../config/layers/profile-file.js';
import { isWebOrigin, parseListenUrl } from '../../rpc/transports/listen-url.js';
import { logFilterProblem } from '../../log/log-filter.js';

const LISTEN: readonly OptionSpec[] = [
  {
    long: 'listen',
    value: 'URL',
    repeatable: true,
    conflicts: ['stdio'],
    check: (value) => problem(() => parseListenUrl(value)),
    help: 'Where clients connect: `stdio://` (default), `unix://` (the socket in the Codex home), `unix://PATH`, `ws://IP:PORT` (a number, 127.0.0.1 for this machine; port 0: any), or `off`. May be repeated to listen in several places',
  },
  {
    long: 'socket-group',
    value: 'GROUP',
    nonEmpty: true,
    help: 'Let the members of this group connect to the unix socket, too (mode 0660 in place of 0600). Whoever connects can do whatever the user of the daemon can',
  },
  { long: 'stdio', help: 'Serve the client at standard input and output; the same as `--listen stdio://`' },
];

const WEB_SOCKET_AUTH: readonly OptionSpec[] = [
  {
    long: 'ws-auth',
    value: 'MODE',
    possible: ['capability-token', 'signed-bearer-token'],
    help: 'What a WebSocket client must present. Needed to listen on an address that is not loopback',
  },
  {
    long: 'ws-token-file',
    value: 'PATH',
    nonEmpty: true,
    help: 'File with the capability token',
  },
  { long: 'ws-token-sha256', value: 'HEX', help: 'SHA-256 digest of the capability token, in place of the file' },
  {
    long: 'ws-shared-secret-file',
    value: 'PATH',
    nonEmpty: true,
    help: 'File with the secret (32 bytes or more) that bearer tokens are signed with (JWT, HS256)',
  },
  { long: 'ws-issuer', value: 'ISSUER', help: 'The issuer (`iss`) that bearer tokens must name' },
  { long: 'ws-audience', value: 'AUDIENCE', help: 'The audience (`aud`) that bearer tokens must name' },
  {
    long: 'ws-max-clock-skew-seconds',
    value: 'SECONDS',
    check: unsigned64,
    help: 'How far the clock of who signs bearer tokens may be off (default: 30)',
  },
];

const CONSOLE: readonly OptionSpec[] = [
  {
    long: 'console',
    help: 'Serve the console, a page to look and decide with, on the WebSocket listeners. A link that works once is printed',
  },
  {
    long: 'console-origin',
    value: 'ORIGIN',
    repeatable: true,
    needs: ['console'],
    check: (value) => (isWebOrigin(value) ? undefined : 'expected an origin, like https://codexd.example.com'),
    help: 'The address of the console at a proxy in front of the listener, like https://codexd.example.com',
  },
];

const LOG: readonly OptionSpec[] = [
  {
    long: 'log-level',
    value: 'LEVEL',
    nonEmpty: true,
    check: logFilterProblem,
    help: 'What is logged to standard error: off, error (default), warn, info, debug or trace; TARGET=LEVEL for one part, a comma between several (info,codexd::network=debug). Else CODEXD_LOG or RUST_LOG says it',
  },
  {
    long: 'log-format',
    value: 'FORMAT',
    possible: ['plain', 'json'],
    help: 'How: plain lines (default), or one JSON object a line, from the first line on. Else LOG_FORMAT says it',
  },
];

const STARTUP: readonly OptionSpec[] = [
  {
    long: 'print-startup-config',
    help: 'Check the configuration, print the requirements as one line of JSON, and exit without serving',
  },
  {
    long: 'startup-client-info',
    value: 'STARTUP_CLIENT_INFO',
    needs: ['print-startup-config'],
    check: (value) => problem(() => checkClientInfo(value)),
    help: 'Client information as JSON, with --print-startup-config. Accepted for compatibility: codexd asks no service for its requirements',
  },
  {
    long: 'startup-sign-out',
    needs: ['print-startup-config'],
    help: 'With --print-startup-config. Accepted for compatibility: codexd loads no requirements by account',
  },
];

const SESSION_SOURCE: OptionSpec = {
  long: 'session-source',
  value: 'SOURCE',
  possible: ['cli', 'vscode', 'exec', 'mcp'],
  help: 'What threads that are started here are said to come from (default: vscode)',
};

/** `codexd exec` passes its own values on to the server that it starts. */
const USER_FILES: readonly OptionSpec[] = [
  {
    long: 'config-profile',
    value: 'NAME',
    check: profileNameProblem,
    help: "Lay $CODEX_HOME/NAME.config.toml over the user's config.toml",
  },
  ...IGNORED_FILES,
];

const COMPATIBILITY: readonly OptionSpec[] = [
  {
    long: 'analytics-default-enabled',
    help: 'Accepted for compatibility: codexd sends no analytics',
  },
  {
    long: 'cloud-skills-snapshot',
    value: 'PATH',
    nonEmpty: true,
    help: 'Accepted for compatibility: codexd has no cloud skills',
  },
  {
    long: 'code-mode-host',
    value: 'URL',
    help: 'Accepted for compatibility: codexd has no code mode',
  },
];

const OUT: OptionSpec = {
  long: 'out',
  short: 'o',
  value: 'DIR',
  required: true,
  nonEmpty: true,
  help: 'Folder to write to; it is made if it is missing',
};
const EXPERIMENTAL: OptionSpec = {
  long: 'experimental',
  help: 'With the methods and fields that need the experimentalApi capability',
};

const PROXY: CommandSpec = {
  name: 'proxy',
  about: 'Connect standard input and output to the control socket',
  details:
    'Bytes go to the running app-server and come back as they are: the client at this end does the WebSocket handshake itself.',
  options: [
    {
      long: 'sock',
      value: 'SOCKET_PATH',
      nonEmpty: true,
      help: 'The socket to connect to (default: the one in the Codex home)',
    },
  ],
  run: async (parsed) => (await import('../run/proxy.js')).runProxy(valueOf(parsed, 'sock')),
};

const GENERATE_TS: CommandSpec = {
  name: 'generate-ts',
  about: 'Write the protocol as TypeScript types',
  options: [
    OUT,
    {
      long: 'prettier',
      short: 'p',
      value: 'PRETTIER_BIN',
      nonEmpty: true,
      help: 'Format the files with this prettier program',
    },
    EXPERIMENTAL,
  ],
  run: async (parsed) => {
    const { generateTypeScript } = await import('../run/generate.js');
    await generateTypeScript({
      out: valueOf(parsed, 'out')!,
      experimental: isGiven(parsed, 'experimental'),
      prettier: valueOf(parsed, 'prettier'),
    });
    return 0;
  },
};

const GENERATE_JSON_SCHEMA: CommandSpec = {
  name: 'generate-json-schema',
  about: 'Write the protocol as JSON Schema files',
  options: [OUT, EXPERIMENTAL],
  run: async (parsed) => {
    const { generateJsonSchema } = await import('../run/generate.js');
    await generateJsonSchema({ out: valueOf(parsed, 'out')!, experimental: isGiven(parsed, 'experimental') });
    return 0;
  },
};

const unmanaged = (name: string, about: string): CommandSpec => ({
  name,
  about: `${about} (not supported)`,
  options: [],
  refuses: true,
  run: async () => (await import('../run/daemon.js')).refuseDaemonCommand(name),
});

const DAEMON: CommandSpec = {
  name: 'daemon',
  about: 'Ask about, or stop, the app-server that listens on the control socket',
  details:
    'codexd does not start or update itself in the background: run `codexd app-server --listen unix://` under the service manager of your system.',
  options: [],
  subcommands: [
    {
      name: 'version',
      about: 'Print the versions of this program and of the running app-server as JSON',
      options: [],
      run: async () => (await import('../run/daemon.js')).daemonVersion(),
    },
    {
      name: 'stop',
      about: 'Stop the app-server that this program manages, if any',
      options: [],
      run: async () => (await import('../run/daemon.js')).daemonStop(),
    },
    unmanaged('bootstrap', 'Install a managed app-server'),
    unmanaged('start', 'Start a managed app-server'),
    unmanaged('restart', 'Restart a managed app-server'),
    unmanaged('update', 'Update a managed app-server'),
    unmanaged('enable-remote-control', 'Open a managed app-server to remote control'),
    unmanaged('disable-remote-control', 'Close a managed app-server to remote control'),
  ],
};

/** `codexd console`. */
export const CONSOLE_COMMAND: CommandSpec = {
  name: 'console',
  about: 'Print a fresh link to the console of a running app-server',
  details:
    'The app-server must have been started with --console. Without --remote, the one at the socket in the Codex home is asked. A link works once, for an hour.',
  options: REMOTE,
  run: async (parsed) => (await import('../threads/index.js')).printConsoleLinks(parsed),
};

export const APP_SERVER: CommandSpec = {
  name: 'app-server',
  about: 'Serve the app-server protocol to IDEs, desktop apps and tools',
  details:
    'One client on standard input and output, or many on a WebSocket or unix socket. Stop it with Ctrl-C or SIGTERM.',
  options: [
    ...LISTEN,
    ...WEB_SOCKET_AUTH,
    ...CONSOLE,
    ...LOG,
    STRICT_CONFIG,
    ...USER_FILES,
    SESSION_SOURCE,
    ...STARTUP,
    ...COMPATIBILITY,
    ...LAUNCH_FOLDERS,
  ],
  subcommands: [PROXY, GENERATE_TS, GENERATE_JSON_SCHEMA, DAEMON],
  run: async (parsed) => {
    const { appServerOptions } = await import('../options/app-server-options.js');
    const options = appServerOptions(parsed);
    const recordTo = await cassette(parsed.recordTo);
    const { startApp } = await import('../../app/app.js');
    return startApp({ ...options, recordTo });
  },
};

async function cassette(file: string | null): Promise<AppServerOptions['recordTo']> {
  if (file === null) return null;
  const { openCassette } = await import('../options/named-file.js');
  return openCassette(file);
}

function problem(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function unsigned64(value: string): string | undefined {
  if (value === '') return 'cannot parse integer from empty string';
  if (!/^\+?\d+$/.test(value)) return 'invalid digit found in string';
  return BigInt(value.replace('+', '')) < 2n ** 64n ? undefined : 'number too large to fit in target type';
}

function checkClientInfo(json: string): void {
  const info: unknown = JSON.parse(json);
  for (const field of ['name', 'version']) {
    if (!isObject(info) || typeof info[field] !== 'string')
      throw new CodexdError('cli.input', `missing field \`${field}\``);
  }
}
