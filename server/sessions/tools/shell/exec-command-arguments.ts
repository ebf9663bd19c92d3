/** The arguments of exec_command: how the model learns of them, and how a call is read (docs/protocol/turns.md §4). */
import { MODEL_SHELL } from '../../../system/programs/model-shell.js';
import { featureOn } from '../../../config/shape/features.js';
import { tableAt } from '../../../config/toml/value.js';
import { isNothing, readExtra } from '../../approvals/extra-permissions.js';
import type { ThreadState } from '../../live/live-thread.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import type { ToolDefinition } from '../../model/provider/model-provider.js';
import type { ExtraPermissions } from '../../runtime/grants.js';
import { flag, functionDefinition, number, oneOf, text, texts } from '../../tool-types/definition.js';
import { readArguments } from '../../tool-types/tool-arguments.js';
import { PERMISSIONS_SCHEMA } from './request-permissions.js';

/**
 * Whether the model may run commands: not if the feature is off, or the model does not support it
 * (docs/protocol/turns.md §4).
 */
export function hasShell(state: ThreadState, modelInfo: ModelInfoOf): boolean {
  return tableAt(state.table, 'features').shell_tool !== false && modelInfo(state).shell;
}

const DESCRIPTION =
  'Runs a command in a shell and returns its output, or, when it goes on for longer, a session ID to poll with write_stdin.';

/** The tool as the model receives it. */
export function execCommandDefinition(state: ThreadState): ToolDefinition {
  return functionDefinition(
    'exec_command',
    DESCRIPTION,
    {
      ...(takesMore(state) ? { additional_permissions: PERMISSIONS_SCHEMA } : {}),
      cmd: text('The command line.'),
      justification: text('Only with require_escalated: one question to the person, what should be allowed and why.'),
      login: flag('Whether the shell is a login shell (default true).'),
      max_output_tokens: number('How much of the output you want at most, in tokens.'),
      prefix_rule: texts(
        'Only with require_escalated: the first words of the command that may be allowed for good, such as ["npm", "test"].',
      ),
      sandbox_permissions: oneOf(
        takesMore(state) ? PERMISSIONS_WITH_MORE : PERMISSIONS,
        takesMore(state)
          ? 'with_additional_permissions asks the person for additional_permissions, require_escalated to run it without the sandbox.'
          : 'require_escalated asks the person to run it without the sandbox.',
      ),
      shell: text(`The shell to run it in (default: ${MODEL_SHELL.name}).`),
      tty: flag('Whether it gets a terminal, which also keeps its input open for write_stdin (default false).'),
      workdir: text('The folder to run it in (default: the working folder).'),
      yield_time_ms: number('How long to wait for it before it goes on in the background (default 10000).'),
    },
    ['cmd'],
  );
}

const PERMISSIONS = ['use_default', 'require_escalated'] as const;
const PERMISSIONS_WITH_MORE = ['use_default', 'with_additional_permissions', 'require_escalated'] as const;

const takesMore = ({ table }: ThreadState): boolean => featureOn(table, 'exec_permission_approvals');

/** Throws an error with the code `tool.arguments`, whose message is for the model. */
export function readExecCommand(input: string, state: ThreadState) {
  const more = takesMore(state);
  return readArguments(input, {
    ...(more ? { additional_permissions: { kind: 'object' } as const } : {}),
    cmd: { kind: 'string', required: true },
    justification: { kind: 'string' },
    login: { kind: 'boolean' },
    max_output_tokens: { kind: 'number' },
    prefix_rule: { kind: 'strings' },
    sandbox_permissions: { kind: { oneOf: more ? PERMISSIONS_WITH_MORE : PERMISSIONS } },
    shell: { kind: 'string' },
    tty: { kind: 'boolean' },
    workdir: { kind: 'string' },
    yield_time_ms: { kind: 'number' },
  });
}
export type ExecCommandArguments = ReturnType<typeof readExecCommand>;

/**
 * What the command needs in addition to the turn's permissions; a text: the error if the model asks for permissions
 * without naming any.
 */
export function additionalOf(args: ExecCommandArguments, cwd: string): ExtraPermissions | string | null {
  const { additional_permissions: asked = null, sandbox_permissions: how } = args;
  const extra = asked === null ? null : readExtra(asked, cwd);
  if (extra !== null && !isNothing(extra)) return how === 'require_escalated' ? null : extra;
  return how === 'with_additional_permissions'
    ? 'missing `additional_permissions`; provide at least one of `network` or `file_system` when using `with_additional_permissions`'
    : null;
}
