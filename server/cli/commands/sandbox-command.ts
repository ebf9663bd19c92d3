/**
 * `codexd sandbox`: runs one command from the shell under the policy. It has the flags of the reference and two of
 * codexd.
 */
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, STRICT_CONFIG, valueOf, type CommandSpec } from '../options/command-spec.js';
import { StartError } from '../../errors/start-error.js';
import { PROFILE } from '../options/user-file-options.js';

const UNINSTALL: CommandSpec = {
  name: 'uninstall',
  about: 'Remove the accounts and network rules of the Windows sandbox (not supported)',
  options: [],
  refuses: true,
  run: () => {
    throw new StartError('`codexd sandbox uninstall` is only supported on Windows');
  },
};

export const SANDBOX: CommandSpec = {
  name: 'sandbox',
  about: 'Run one command in the sandbox, behind the network policy',
  details:
    'The command keeps this standard input, output and error, a terminal included, and its exit code is passed on (128 + n when signal n ended it). Configuration decides what it may touch and reach; where it cannot be held to that, it does not run.',
  options: [
    PROFILE,
    STRICT_CONFIG,
    {
      long: 'permission-profile',
      short: 'P',
      value: 'NAME',
      nonEmpty: true,
      help: 'The permission profile to hold it to, e.g. `:read-only` or `:workspace` (default: what the configuration says)',
    },
    {
      long: 'cd',
      short: 'C',
      value: 'DIR',
      nonEmpty: true,
      help: 'The folder to run it in; also the workspace, and the folder whose project configuration counts',
    },
    { long: 'log-denials', help: 'At the end, list on standard error which network requests were denied, and why' },
    {
      long: 'on-denial',
      value: 'ACTION',
      possible: ['refuse', 'cancel'],
      help: 'What a denied network request does: `refuse` (default) lets the command go on without it, `cancel` ends the command',
    },
    {
      long: 'transparent-tcp',
      help: 'Programs that know no proxy reach allowed hosts, too: names lead to addresses that stand for them (Linux)',
    },
    {
      long: 'include-managed-config',
      help: "Accepted for compatibility: the administrator's requirements always hold",
    },
  ],
  trailing: { name: 'COMMAND', help: 'The program and its arguments; everything from its name on is taken as it is' },
  subcommands: [UNINSTALL],
  run: async (parsed) => {
    if (parsed.trailing.length === 0) throw new StartError('sandbox command must not be empty');
    const { runSandboxed } = await import('../run/run-sandboxed.js');
    return runSandboxed({
      argv: parsed.trailing,
      profile: valueOf(parsed, 'permission-profile'),
      folder: valueOf(parsed, 'cd'),
      logDenials: isGiven(parsed, 'log-denials'),
      onDenial: valueOf(parsed, 'on-denial') === 'cancel' ? 'cancel' : 'refuse',
      transparentTcp: isGiven(parsed, 'transparent-tcp'),
      config: commandLineConfig(parsed),
      strict: isGiven(parsed, 'strict-config'),
    });
  },
};
