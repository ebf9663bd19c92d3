/** Examples and environment variables for help and the manual page. */
import path from 'node:path';
import { packageRoot } from '../../package/package-root.js';

export interface Example {
  /** The command as typed. test/cli/examples.test.ts parses every example by the command specs. */
  readonly line: string;
  readonly what: string;
}

/** By a command's path without the program. */
export const examplesOf = (words: readonly string[]): readonly Example[] =>
  (EXAMPLES[words.join(' ')] ?? []).map(([line, what]) => ({ line, what }));

/** The environment variables of a command. Its subcommands have the same. */
export const environmentOf = (words: readonly string[]): readonly string[] =>
  NEEDS[words.join(' ')] ?? NEEDS[words[0] ?? ''] ?? [];

/** The folder of the documents. */
export const documentation = (): string => path.join(packageRoot(), 'docs');

/** By the command's path. A test finds commands without examples, and examples without a command. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [line: string, what: string])[]>> = {
  '': [
    ['codexd chat', 'A conversation in the terminal'],
    ['codexd exec "explain this repository"', 'One turn, from the shell'],
    ['codexd app-server --listen unix://', 'A daemon for editors and tools of this user'],
    ['codexd sandbox -- make test', 'One command, held to the policy'],
    ['codexd doctor', 'Is everything there that it needs?'],
  ],
  chat: [
    ['codexd chat', 'A conversation about this folder'],
    ['codexd chat -s workspace-write "fix the failing test"', 'Commands may write files of this folder'],
    ['codexd chat --resume --last', 'Continue the newest session of this folder'],
    ['codexd chat --attach unix://', 'Join the daemon that runs, and share its threads'],
    ['echo "what is this folder about?" | codexd chat --plain', 'Each line of the input is a message'],
  ],
  'app-server': [
    ['codexd app-server', 'Serve the editor that started it, on standard input and output'],
    ['codexd app-server --listen ws://127.0.0.1:4500 --listen unix://', 'Serve two places at once'],
    [
      'codexd app-server --listen ws://[::]:4500 --ws-auth capability-token --ws-token-file /run/token',
      'Serve other machines, with a token',
    ],
  ],
  'app-server proxy': [
    ['codexd app-server proxy', 'Connect a program that speaks on its standard streams to the running daemon'],
  ],
  'app-server generate-ts': [
    ['codexd app-server generate-ts --out types --experimental', 'The whole protocol, into the folder types'],
  ],
  'app-server generate-json-schema': [
    ['codexd app-server generate-json-schema --out schemas', 'The stable protocol, into the folder schemas'],
  ],
  'app-server daemon': [['codexd app-server daemon version', 'Is one running, and which?']],
  'app-server daemon version': [['codexd app-server daemon version', 'One line of JSON; exit code 1 when none runs']],
  'app-server daemon stop': [
    ['codexd app-server daemon stop', 'Says that none runs, or that the service manager stops the one that does'],
  ],
  exec: [
    ['codexd exec "fix the failing test"', 'One turn in this folder; the answer goes to standard output'],
    [
      'codexd exec --json -o answer.txt "list the risks" < design.md',
      'A file goes with the prompt, events come as JSON lines, and the answer into a file',
    ],
    [
      'codexd -p work exec --oss -m gpt-oss:20b "say hello"',
      'The configuration profile work, and a model of this machine',
    ],
    ['codexd exec --remote unix:// "what changed today?"', 'On the daemon that runs already'],
  ],
  'exec resume': [
    ['codexd exec resume --last "and now the tests"', 'Go on with the newest session of this folder'],
    ['codexd exec resume 01980c5f-7a52-7e80-b5cc-6e9f4c1a2b3d -', 'The prompt comes from standard input'],
  ],
  'exec fork': [['codexd exec fork --last "try it another way"', 'The session itself stays as it is']],
  'exec review': [
    ['codexd exec review --uncommitted', 'What is not committed yet'],
    ['codexd exec review --base main --json', 'A branch, for a program to read'],
  ],
  review: [
    ['codexd review --base main', 'The changes of this branch'],
    ['codexd review "look at the error handling only"', 'In your own words'],
  ],
  record: [['codexd record turn.cassette exec "say hello"', 'Keep what the model says, to play it again without one']],
  sandbox: [
    ['codexd sandbox -- npm test', 'With what the configuration allows'],
    ['codexd sandbox -P :read-only -C src -- ls', 'With another profile, in another folder'],
    [
      'codexd sandbox --log-denials -c features.network_proxy=true -c sandbox_mode=workspace-write -c sandbox_workspace_write.network_access=true -- npm install',
      'With a network that the policy decides about, and what it denied',
    ],
  ],
  config: [['codexd config check', 'What is wrong, in which line, and what to do about it']],
  'config check': [['codexd config check', 'Before a daemon is restarted; exit code 1: something is wrong']],
  'config show': [
    ['codexd config show --origins', 'What files and options say, and where'],
    ['codexd config show --effective', 'What counts, defaults and requirements included'],
  ],
  'config schema': [
    ['codexd config schema > ~/.codex/config.schema.json', 'For an editor that knows JSON Schema'],
    ['codexd config schema --requirements', 'The same for requirements.toml'],
  ],
  trust: [
    ['codexd trust', 'Look at the project of this folder, and be asked'],
    ['codexd trust --revoke ../other', 'Take a yes back'],
  ],
  threads: [['codexd threads list --search parser', 'Where was that?']],
  'threads list': [
    ['codexd threads list --cwd . --limit 5', 'The five newest of this folder'],
    ['codexd threads list --archived --json', 'The archive, for a program to read'],
  ],
  'threads show': [['codexd threads show 01980c5f', 'By the beginning of its id']],
  'threads archive': [['codexd threads archive 01980c5f', 'By the beginning of its id']],
  'threads unarchive': [['codexd threads unarchive "parser work"', 'By its name']],
  'threads delete': [
    ['codexd threads delete 01980c5f', 'After a question'],
    ['codexd threads delete --yes "parser work"', 'Without one'],
  ],
  archive: [['codexd archive "parser work"', 'By its name']],
  unarchive: [['codexd unarchive 01980c5f', 'By the beginning of its id']],
  delete: [['codexd delete --force 01980c5f-7a52-7e80-b5cc-6e9f4c1a2b3d', 'Without a question, by its whole id']],
  queue: [['codexd queue --thread "parser work" --message "then run the tests"', 'For when the turn is over']],
  features: [['codexd features list', 'What there is']],
  'features list': [['codexd features list', 'What there is, and what is on']],
  'features enable': [['codexd features enable network_proxy', 'Writes one line of config.toml']],
  'features disable': [['codexd features disable network_proxy', 'Writes one line of config.toml']],
  mcp: [['codexd mcp list', 'Which servers are configured?']],
  'mcp add': [
    ['codexd mcp add files --env ROOT=/srv -- npx -y my-server --verbose', 'A program of this machine'],
    ['codexd mcp add files --permissions :read-only -- npx -y my-server', 'In the sandbox of a permission profile'],
    ['codexd mcp add search --url https://example.com/mcp --bearer-token-env-var SEARCH_TOKEN', 'A server in the web'],
  ],
  'mcp list': [
    ['codexd mcp list', 'A table'],
    ['codexd mcp list --json', 'For a program to read; it shows values of environment variables'],
  ],
  'mcp get': [['codexd mcp get files', 'One server']],
  'mcp remove': [['codexd mcp remove files', 'Removes its section of config.toml']],
  'mcp login': [
    ['codexd mcp login search', 'Prints the address for a browser, and waits for its answer'],
    ['codexd mcp login search --scopes read,write', 'With these scopes, whatever the server asks for'],
  ],
  'mcp logout': [['codexd mcp logout search', 'Removes the stored tokens of the server']],
  hooks: [['codexd hooks list', 'What would run here, and what waits for a yes?']],
  'hooks list': [
    ['codexd hooks list', 'Each hook with its event, its line and its key'],
    ['codexd hooks list --json', 'For a program to read'],
  ],
  'hooks trust': [
    ['codexd hooks trust', 'Look at each hook that does not run yet, and be asked'],
    ['codexd hooks trust --revoke', 'Take every yes back'],
  ],
  'windows-sandbox-setup': [
    ['codexd windows-sandbox-setup', 'In a terminal of an administrator'],
    ['codexd windows-sandbox-setup --elevate', 'From any other terminal: Windows asks'],
    ['codexd windows-sandbox-setup --remove', 'Take the users and their rules away'],
  ],
  plugin: [['codexd plugin list', 'Which plugins are there?']],
  'plugin add': [
    ['codexd plugin add sample@team', 'Copies the plugin sample of the marketplace team, and switches it on'],
  ],
  'plugin list': [
    ['codexd plugin list', 'The plugins of all marketplaces'],
    ['codexd plugin list --json --available', 'For a program to read, with those that are not installed'],
  ],
  'plugin remove': [['codexd plugin remove sample@team', 'Switches it off, and removes its files']],
  'plugin marketplace': [['codexd plugin marketplace list', 'Which marketplaces count here?']],
  'plugin marketplace add': [
    ['codexd plugin marketplace add ./team-plugins', 'A folder of this machine'],
    ['codexd plugin marketplace add https://git.example.com/plugins.git --ref v2', 'A tag of a Git repository'],
  ],
  'plugin marketplace list': [['codexd plugin marketplace list --json', 'For a program to read, with their sources']],
  'plugin marketplace upgrade': [['codexd plugin marketplace upgrade team', 'Clones it again']],
  'plugin marketplace remove': [['codexd plugin marketplace remove team', 'Plugins of it that are installed stay']],
  'mcp-server': [
    ['codexd mcp-server', 'The command line of the server in the configuration of an MCP client'],
    ['codexd mcp-server -c model=gpt-5.5', 'Its sessions ask this model, unless a call names another one'],
  ],
  login: [['printenv OPENAI_API_KEY | codexd login --with-api-key', 'Keep a key of the environment']],
  'login status': [['codexd login status', 'Which key is stored? Exit code 1: none']],
  logout: [['codexd logout', 'Remove it']],
  console: [
    ['codexd console', 'Of the app-server at the socket in the Codex home'],
    ['codexd console --remote ws://127.0.0.1:4500', 'Of another one'],
  ],
  doctor: [
    ['codexd doctor', 'Everything, as text'],
    ['codexd doctor --json', 'For a bug report, or for a program'],
  ],
  completion: [
    ['source <(codexd completion bash)', 'For this bash'],
    ['codexd completion fish > ~/.config/fish/completions/codexd.fish', 'For every fish'],
  ],
  man: [['codexd man > ~/.local/share/man/man1/codexd.1', 'For man codexd']],
};

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  CODEX_HOME: 'The folder of configuration, sessions and the login (default: ~/.codex)',
  CODEXD_LOG: 'What is logged to standard error: error (default), warn, info, debug, or codexd::network=debug,warn',
  LOG_FORMAT: 'json: log lines as JSON objects',
  CODEXD_BWRAP: 'The bubblewrap program to use, as an absolute path',
  CODEXD_SYSTEM_CONFIG_DIR: "The folder of the administrator's files (default: /etc/codex)",
  OPENAI_API_KEY: 'The key for the provider openai without a stored login; other providers name a variable in env_key',
  CODEX_API_KEY: 'The key for the provider openai in this run; it counts before a stored login',
  OLLAMA_HOST: 'Where Ollama listens, for --oss: host, host:port, :port or a URL (default: 127.0.0.1:11434)',
  CODEX_OSS_BASE_URL: 'Where the server of --oss listens, as the base URL of its API',
  CODEX_OSS_PORT: 'The port of the server of --oss, on this machine',
  NO_COLOR: 'Set to anything: no colors where --color says auto',
  TMPDIR: 'The folder for temporary files',
};

/** The environment variables of a command that runs one turn. */
const ONE_TURN: readonly string[] = [
  'CODEX_HOME',
  'CODEX_API_KEY',
  'OPENAI_API_KEY',
  'OLLAMA_HOST',
  'CODEX_OSS_BASE_URL',
  'CODEX_OSS_PORT',
  'NO_COLOR',
  'CODEXD_BWRAP',
  'CODEXD_LOG',
];
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  '': ['CODEX_HOME', 'CODEXD_LOG', 'CODEXD_BWRAP', 'OLLAMA_HOST', 'NO_COLOR'],
  'app-server': [
    'CODEX_HOME',
    'CODEXD_LOG',
    'LOG_FORMAT',
    'CODEXD_BWRAP',
    'CODEXD_SYSTEM_CONFIG_DIR',
    'OPENAI_API_KEY',
    'TMPDIR',
  ],
  chat: ONE_TURN,
  exec: ONE_TURN,
  review: ONE_TURN,
  sandbox: ['CODEX_HOME', 'CODEXD_BWRAP', 'CODEXD_SYSTEM_CONFIG_DIR', 'CODEXD_LOG', 'TMPDIR'],
  'windows-sandbox-setup': ['CODEX_HOME', 'CODEXD_SYSTEM_CONFIG_DIR'],
  config: ['CODEX_HOME', 'CODEXD_SYSTEM_CONFIG_DIR'],
  doctor: ['CODEX_HOME', 'CODEXD_BWRAP', 'CODEXD_SYSTEM_CONFIG_DIR', 'OLLAMA_HOST'],
  login: ['CODEX_HOME'],
  logout: ['CODEX_HOME'],
  features: ['CODEX_HOME'],
  mcp: ['CODEX_HOME'],
  plugin: ['CODEX_HOME'],
  hooks: ['CODEX_HOME'],
  'mcp-server': ['CODEX_HOME', 'OPENAI_API_KEY'],
  trust: ['CODEX_HOME'],
  threads: ['CODEX_HOME'],
  archive: ['CODEX_HOME'],
  unarchive: ['CODEX_HOME'],
  delete: ['CODEX_HOME'],
  queue: ['CODEX_HOME'],
  record: ['CODEX_HOME'],
};
