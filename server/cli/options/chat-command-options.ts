/** The options of `codexd chat`. Those that `codexd exec` has, too, are the same. */
import type { OptionSpec } from './command-spec.js';
import { EXEC_OPTIONS } from './exec-command-options.js';

/** Options of `exec` that mean the same in a chat. */
const SHARED: readonly string[] = [
  'model',
  'oss',
  'local-provider',
  'sandbox',
  'full-auto',
  'dangerously-bypass-approvals-and-sandbox',
  'cd',
  'add-dir',
  'ephemeral',
  'strict-config',
  'profile',
  'ignore-user-config',
  'ignore-rules',
  'search',
];

export const CHAT_OPTIONS: readonly OptionSpec[] = [
  {
    long: 'attach',
    aliases: ['remote'],
    value: 'ADDR',
    help: 'Use an app-server that runs: `ws://host:port`, `wss://host:port`, `unix://` (the socket in the Codex home) or `unix://PATH`. Its configuration counts, not yours; threads are shared with its other clients',
  },
  {
    long: 'attach-auth-token-env',
    aliases: ['remote-auth-token-env'],
    value: 'ENV_VAR',
    nonEmpty: true,
    help: 'The environment variable that holds the token for --attach; only over `wss://` and to this machine',
  },
  {
    long: 'resume',
    help: 'Continue an earlier session: the one whose id, beginning of an id or name follows, the newest one with --last, or one from a list',
  },
  { long: 'last', needs: ['resume'], help: 'With --resume: the newest session of this folder' },
  { long: 'all', needs: ['last'], help: 'With --last: of any folder, not only this one' },
  {
    long: 'image',
    short: 'i',
    value: 'FILE',
    repeatable: true,
    separated: true,
    nonEmpty: true,
    help: 'An image that goes with the first message',
  },
  {
    long: 'ask-for-approval',
    short: 'a',
    value: 'POLICY',
    possible: ['untrusted', 'on-request', 'never'],
    conflicts: ['dangerously-bypass-approvals-and-sandbox'],
    help: 'When you are asked (default: what the configuration says)',
  },
  {
    long: 'plain',
    help: 'Lines of plain text instead of the full screen, for screen readers; also where input or output is no terminal, and with TERM=dumb',
  },
  ...EXEC_OPTIONS.filter(({ long }) => SHARED.includes(long)),
];
