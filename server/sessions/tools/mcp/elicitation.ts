/**
 * Questions of a server for the person (docs/protocol/services.md §7, "Elicitation").
 *
 * Threat: a server that asks where nobody is to be asked; a question in a form that clients cannot read; a question
 * that outlives its turn or the server's interest. Rule: what the policy does not let through is declined; so is every
 * error and every answer in another form. Only `accept` carries content.
 */
import { RpcError } from '../../../errors/rpc-error.js';
import type { ServerRequestParams } from '../../../../schema/registry.js';
import type { RuntimeSource } from '../../live/live-thread.js';
import type { JsonObject, ServerQuestion, ServerReply } from '../../mcp/shape/connection.js';
import { isObject } from '../../../system/node/objects.js';

type Params = ServerRequestParams<'mcpServer/elicitation/request'>;

const DECLINED: ServerReply = { action: 'decline' };

/** Rejects only when the server has taken its question back. */
export async function elicit(
  thread: Pick<RuntimeSource, 'id' | 'events' | 'state' | 'turn' | 'flag'>,
  serverName: string,
  { params: asked, signal }: ServerQuestion,
): Promise<ServerReply> {
  const { approvalPolicy: policy } = thread.state.wire;
  if (policy === 'never' || (typeof policy === 'object' && !policy.granular.mcp_elicitations)) return DECLINED;
  const { turn } = thread;
  const params = question(asked, {
    threadId: thread.id,
    turnId: turn?.id ?? null,
    serverName,
    environmentId: null,
  });
  if (params === null) return DECLINED;
  const gone = turn === null ? signal : AbortSignal.any([signal, turn.signal]);
  thread.flag('waitingOnApproval', true);
  try {
    const { action, content } = await thread.events.ask('mcpServer/elicitation/request', params, gone);
    return action === 'accept' ? { action, content } : { action };
  } catch (error) {
    if (signal.aborted) throw error;
    if (gone.aborted || error instanceof RpcError) return DECLINED;
    throw error;
  } finally {
    thread.flag('waitingOnApproval', false);
  }
}

type Where = Pick<Params, 'threadId' | 'turnId' | 'serverName' | 'environmentId'>;

/** Null: clients have no form for it. */
function question(asked: JsonObject, where: Where): Params | null {
  const message = typeof asked.message === 'string' ? asked.message : '';
  if (asked.mode === 'url') {
    const { url, elicitationId } = asked;
    if (typeof url !== 'string' || typeof elicitationId !== 'string') return null;
    return { ...where, mode: 'url', _meta: null, message, url, elicitationId };
  }
  if (asked.mode !== undefined && asked.mode !== 'form') return null;
  const schema = asked.requestedSchema;
  if (!isFormSchema(schema)) return null;
  return { ...where, mode: 'form', _meta: null, message, requestedSchema: schema };
}

type FormSchema = Extract<Params, { mode: 'form' }>['requestedSchema'];

/** Forms are flat: members of simple types. */
function isFormSchema(value: unknown): value is FormSchema {
  if (!isObject(value) || value.type !== 'object' || !isObject(value.properties)) return false;
  return Object.values(value.properties).every((one) => isObject(one) && SIMPLE.includes(one.type));
}

const SIMPLE: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'array'];
