/**
 * `operator/network/allowForSession`: a person approves a host for the session of a thread after its question is gone.
 *
 * Threat: the approval opens what an answer to a question could not open, or it is believed to count where it does not.
 * Rule: it has exactly the effect of the answer `acceptForSession` to a question of this thread: one protocol, host and
 * port, in the memory of the loaded thread. It is refused where the policy would ask nobody, with the policy's reason,
 * and to every client that could not answer such a question.
 * Non-scope: rules that outlive the thread (config/batchWrite).
 */
import { invalidRequest } from '../errors/rpc-error.js';
import type { SessionMemory } from '../network-approval/registration/session-memory.js';
import { canonicalWrittenHost } from '../network-approval/decide/targets.js';
import type { RequestParams, RequestResult } from '../../schema/registry.js';

type Params = RequestParams<'operator/network/allowForSession'>;

export interface SessionAllowance {
  /** The dry run for this thread. Throws RpcError. */
  readonly test: (params: Params) => Promise<Pick<RequestResult<'network/policy/test'>, 'verdict' | 'explanation'>>;
  /** The memory of a loaded thread. Throws RpcError. */
  readonly memoryOf: (threadId: string) => Pick<SessionMemory, 'approve'>;
}

/** Throws RpcError, also where the policy decides without a question. */
export async function allowForSession(params: Params, { test, memoryOf }: SessionAllowance): Promise<void> {
  const { verdict, explanation } = await test(params);
  if (verdict === 'allow') return;
  if (verdict === 'deny') throw invalidRequest(`an approval would not allow it: ${explanation}`);
  const host = canonicalWrittenHost(params.host);
  if (host === null) throw invalidRequest(`no host: ${params.host}`);
  memoryOf(params.threadId).approve({ protocol: params.protocol, host: host.text, port: params.port });
}
