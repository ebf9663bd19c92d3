/**
 * The options of `codexd exec`, and those that are valid before the word `exec`. They are the options of the reference
 * (docs/protocol/services.md §9).
 */
import { STRICT_CONFIG, type OptionSpec } from './command-spec.js';
import { REMOTE } from './remote-options.js';
import { IGNORED_FILES, PROFILE } from './user-file-options.js';

export const EXEC_OPTIONS: readonly OptionSpec[] = [
  { long: 'json', help: 'Print events to standard output, one JSON object a line' },
  { long: 'experimental-json', help: 'The older name of --json' },
  {
    long: 'output-last-message',
    short: 'o',
    value: 'FILE',
    nonEmpty: true,
    help: "Write the model's last message to this file",
  },
  {
    long: 'output-schema',
    value: 'FILE',
    nonEmpty: true,
    help: 'A JSON Schema that the last message must fulfil',
  },
  {
    long: 'image',
    short: 'i',
    value: 'FILE',
    repeatable: true,
    separated: true,
    several: true,
    nonEmpty: true,
    help: 'Images that go with the prompt. A prompt that follows them comes after another option, or after `--`',
  },
  { long: 'model', short: 'm', value: 'MODEL', nonEmpty: true, help: 'The model to ask' },
  { long: 'oss', help: 'Use a model of this machine: Ollama, or what --local-provider names' },
  {
    long: 'local-provider',
    value: 'PROVIDER',
    possible: ['lmstudio', 'ollama'],
    help: 'Which provider --oss stands for (default: `oss_provider` of the configuration, else ollama)',
  },
  {
    long: 'sandbox',
    short: 's',
    value: 'MODE',
    possible: ['read-only', 'workspace-write', 'danger-full-access'],
    conflicts: ['dangerously-bypass-approvals-and-sandbox'],
    help: 'What commands of the model may do (default: what the configuration says)',
  },
  {
    long: 'full-auto',
    conflicts: ['dangerously-bypass-approvals-and-sandbox', 'sandbox'],
    help: 'The older way to say --sandbox workspace-write',
  },
  {
    long: 'dangerously-bypass-approvals-and-sandbox',
    aliases: ['yolo'],
    help: 'Run commands without a sandbox. Only where something else holds them: a container, a virtual machine',
  },
  {
    long: 'ask-for-approval',
    short: 'a',
    value: 'POLICY',
    possible: ['untrusted', 'on-failure', 'on-request', 'never'],
    help: 'Accepted for compatibility: nobody can be asked, so that it is always `never`',
  },
  { long: 'cd', short: 'C', value: 'DIR', nonEmpty: true, help: 'The folder to work in (default: this one)' },
  {
    long: 'add-dir',
    value: 'DIR',
    repeatable: true,
    nonEmpty: true,
    help: 'Another folder that may be written to where the workspace may',
  },
  { long: 'skip-git-repo-check', help: 'Work in a folder that is neither in a Git repository nor trusted' },
  { long: 'ephemeral', help: 'Keep nothing of the session on disk' },
  {
    long: 'color',
    value: 'COLOR',
    possible: ['always', 'never', 'auto'],
    help: 'Whether output for people has colors. auto (default): on a terminal, unless NO_COLOR is set',
  },
  STRICT_CONFIG,
  PROFILE,
  ...IGNORED_FILES,
  {
    long: 'thread-source',
    value: 'SOURCE',
    nonEmpty: true,
    help: 'What a new session is said to come from, for whoever lists sessions',
  },
  {
    long: 'trust',
    help: 'Remember in config.toml that this project is trusted: its .codex/config.toml counts from now on. One that is said to be untrusted stays so',
  },
  ...REMOTE,
  {
    long: 'approve-for-me',
    help: '',
    unsupported: 'no reviewer answers in your place here. Widen what needs no approval: --sandbox, --add-dir, rules',
  },
  {
    long: 'dangerously-bypass-hook-trust',
    help: 'Run hooks that nobody has reviewed, for automation that has looked at where they come from. DANGEROUS: hooks of a project are programs outside of the sandbox',
  },
  {
    long: 'worktree',
    help: '',
    unsupported: 'make one with `git worktree add DIR` and name it: --cd DIR',
  },
  {
    long: 'cyber-access-program',
    value: 'PROGRAM',
    help: '',
    unsupported: 'it asks a service of OpenAI for access, which codexd does not speak to',
  },
  {
    long: 'search',
    help: 'Let the model search the web as it is now, like -c web_search=live; only where the endpoint has that tool',
  },
  { long: 'no-alt-screen', help: 'Accepted for compatibility: nothing here uses the alternate screen' },
  { long: 'no-daemon', help: 'Accepted for compatibility: only --remote uses a running app-server' },
];

/** For `resume` and `fork`: one word is one image, because the words after it are the session and the prompt. */
export const CONTINUING_OPTIONS: readonly OptionSpec[] = EXEC_OPTIONS.map(({ several, ...option }) =>
  several ? { ...option, help: 'An image that goes with the prompt' } : option,
);

/** Options of the program that are valid before `exec`. */
const BEFORE: readonly string[] = [
  'image',
  'model',
  'oss',
  'local-provider',
  'sandbox',
  'dangerously-bypass-approvals-and-sandbox',
  'ask-for-approval',
  'cd',
  'add-dir',
  'profile',
  'remote',
  'remote-auth-token-env',
  'approve-for-me',
  'dangerously-bypass-hook-trust',
  'worktree',
  'search',
  'no-alt-screen',
  'no-daemon',
];
export const OPTIONS_BEFORE_EXEC: readonly OptionSpec[] = EXEC_OPTIONS.filter(({ long }) => BEFORE.includes(long));
