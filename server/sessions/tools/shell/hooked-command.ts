/** A command line, and the patch that it may contain, as hooks see them (docs/protocol/services.md §6). */
import path from 'node:path';
import { isObject } from '../../../system/node/objects.js';
import { PATCH_NAMES, SHELL_NAMES } from '../../hooks/tool-names.js';
import { patchInCommand } from '../../shell/patch-in-command.js';
import type { HookedCall, ToolCall } from '../../tool-types/tool.js';

/** What the model reads if a hook changes the input to something else than a command or a patch. */
const NO_COMMAND = 'hook returned updatedInput without string field `command`';

/** Null: the arguments name no command, so the tool refuses the call. `cwd`: of the thread. */
export function hookedCommand(call: ToolCall, cwd: string): HookedCall | null {
  const args = argumentsOf(call);
  if (args === null || typeof args.cmd !== 'string') return null;
  const { cmd } = args;
  const patch = patchInCommand(cmd, path.resolve(cwd, typeof args.workdir === 'string' ? args.workdir : ''));
  return {
    names: SHELL_NAMES,
    input: { command: cmd },
    commandLine: cmd,
    withInput: (changed) => {
      const command = commandIn(changed);
      return command === null ? NO_COMMAND : { ...call, input: JSON.stringify({ ...args, cmd: command }) };
    },
    ...(patch === null || 'problem' in patch ? {} : { also: hookedPatch(call, patch.patch) }),
  };
}

/** `patch`: the text of the patch, which is the input of the call or a part of it. */
export function hookedPatch(call: ToolCall, patch: string = call.input): HookedCall {
  return {
    names: PATCH_NAMES,
    input: { command: patch },
    commandLine: patch,
    withInput: (changed) => {
      const command = commandIn(changed);
      return command === null ? NO_COMMAND : { ...call, input: command };
    },
    again: (changed) => hookedPatch(changed),
  };
}

const commandIn = (input: unknown): string | null =>
  isObject(input) && typeof input.command === 'string' ? input.command : null;

function argumentsOf({ input }: ToolCall): Record<string, unknown> | null {
  try {
    const args: unknown = JSON.parse(input);
    return isObject(args) ? args : null;
  } catch {
    return null;
  }
}
