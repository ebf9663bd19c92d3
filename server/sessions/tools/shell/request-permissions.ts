/**
 * request_permissions: asks a person for more permissions than the turn has (docs/protocol/turns.md §4). It needs a
 * feature flag.
 */
import { featureOn } from '../../../config/shape/features.js';
import { ConfigError } from '../../../errors/config-error.js';
import { RpcError } from '../../../errors/rpc-error.js';
import { grantedOf, isNothing, readExtra, widened, wireExtra } from '../../approvals/extra-permissions.js';
import type { ExtraPermissions } from '../../runtime/grants.js';
import { readArguments } from '../../tool-types/tool-arguments.js';
import { flag, functionDefinition, text, texts, type JsonSchema } from '../../tool-types/definition.js';
import type { Tool, ToolContext } from '../../tool-types/tool.js';

/** The declaration in request_permissions and exec_command. */
export const PERMISSIONS_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'What is asked for.',
  properties: {
    file_system: {
      type: 'object',
      description: 'Files and folders, with everything in them.',
      properties: { read: texts('Paths to read.'), write: texts('Paths to read and write.') },
      additionalProperties: false,
    },
    network: {
      type: 'object',
      description: 'The network, as far as its rules allow it.',
      properties: { enabled: flag('Whether it is needed.') },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

export const requestPermissions: Tool = {
  name: 'request_permissions',
  definition: ({ table }) =>
    featureOn(table, 'request_permissions_tool')
      ? functionDefinition(
          'request_permissions',
          'Asks the person for more permissions, which later commands have then; the answer says what was granted. Relative paths are below the working folder.',
          {
            environment_id: text('The environment it is for; leave it out for the usual one.'),
            permissions: PERMISSIONS_SCHEMA,
            reason: text('What for, in a sentence.'),
          },
          ['permissions'],
        )
      : null,
  async run(call, context) {
    const { state } = context;
    const { permissions, reason } = readArguments(call.input, {
      permissions: { kind: 'object', required: true },
      reason: { kind: 'string' },
      environment_id: { kind: 'string' },
    });
    const asked = readExtra(permissions, state.wire.cwd);
    if (isNothing(asked)) return 'request_permissions requires at least one permission';
    try {
      widened(state, asked);
    } catch (error) {
      if (error instanceof ConfigError) return `request_permissions failed: ${error.message}`;
      throw error;
    }
    const { granted, scope } = await ask(asked, reason, call.callId, context);
    const owner = scope === 'session' ? context.thread : context.turn;
    if (!isNothing(granted)) owner.runtime.grants.add(granted);
    return JSON.stringify({ permissions: toldOf(granted), scope });
  },
};

interface Granted {
  readonly granted: ExtraPermissions;
  readonly scope: 'turn' | 'session';
}

const NOTHING: Granted = { granted: { network: false, read: [], write: [] }, scope: 'turn' };

async function ask(
  asked: ExtraPermissions,
  reason: string | null,
  itemId: string,
  { thread, turn, state, signal }: ToolContext,
): Promise<Granted> {
  const { approvalPolicy: policy, cwd } = state.wire;
  if (policy === 'never' || (typeof policy === 'object' && !policy.granular.request_permissions)) return NOTHING;
  thread.flag('waitingOnApproval', true);
  try {
    const { permissions, scope } = await thread.events.ask(
      'item/permissions/requestApproval',
      {
        threadId: thread.id,
        turnId: turn.id,
        itemId,
        environmentId: 'local',
        startedAtMs: Date.now(),
        cwd,
        reason,
        permissions: wireExtra(asked),
      },
      signal,
    );
    return { granted: grantedOf(asked, permissions), scope: scope ?? 'turn' };
  } catch (error) {
    // An error, or an invalid answer, grants nothing.
    if (error instanceof RpcError && !signal.aborted) return NOTHING;
    throw error;
  } finally {
    thread.flag('waitingOnApproval', false);
  }
}

/** The output for the model: null means not granted. */
function toldOf({ network, read, write }: ExtraPermissions): object {
  const files = { ...(read.length ? { read } : {}), ...(write.length ? { write } : {}) };
  return { network: network ? { enabled: true } : null, file_system: Object.keys(files).length ? files : null };
}
