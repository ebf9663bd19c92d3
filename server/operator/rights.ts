/**
 * Who is an operator, and what operators may do.
 *
 * Threat: a client acts on the commands and questions of others without the operator of the daemon wanting that.
 * Rule: a client must say that it is an operator (a capability), and `[codexd] operators` must allow what it asks for.
 * Both are looked at with each request, so a changed setting counts at once. Looking is allowed by default; answering,
 * writing and ending are not. A client's own commands and questions need no right here: it has other methods.
 * Non-scope: who may connect (rpc/transports). A client that may connect can start commands of its own.
 */
import type { OperatorsMay } from '../config/settings/operators.js';
import { invalidRequest } from '../errors/rpc-error.js';
import type { Caller } from '../rpc/connection/caller.js';
import { isObject } from '../system/node/objects.js';

/** A client that wants to be an operator sends this name in `capabilities.extensions` of `initialize`. */
export const OPERATOR_CAPABILITY = 'codexd/operator';

export function isOperator({ capabilities: { extensions } }: Pick<Caller, 'capabilities'>): boolean {
  return isObject(extensions) && isObject(extensions[OPERATOR_CAPABILITY]);
}

/** Throws RpcError. Returns what the client may do. */
export function assertMaySee(caller: Caller, may: OperatorsMay): 'see' | 'answer' {
  if (!isOperator(caller)) {
    throw invalidRequest(`operator requests need the capability ${OPERATOR_CAPABILITY} in capabilities.extensions`);
  }
  if (may === 'none') throw invalidRequest('the configuration allows no operators ([codexd] operators = "none")');
  return may;
}

/** Throws RpcError. */
export function assertMayAct(caller: Caller, may: OperatorsMay): void {
  if (assertMaySee(caller, may) === 'answer') return;
  throw invalidRequest('operators may only look: set [codexd] operators = "answer" to let them answer, write and end');
}
