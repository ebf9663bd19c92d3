import { isCodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { RpcError } from '../../errors/rpc-error.js';
import { osTroubleText } from '../../system/node/os-errors.js';

/**
 * The edge of the protocol: what a handler threw, as the answer. An RpcError is the answer; another error of codexd is
 * answered with its message where the table gives its code a JSON-RPC code; the operating system's refusals and
 * unexpected errors are answered as -32603, with the method in front. The thrown error is the cause of these two.
 */
export function toRpcError(method: string, error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isCodexdError(error) && error.rpcCode !== null) {
    return new RpcError(error.code, error.message, { cause: error, data: error.data });
  }
  const trouble = osTroubleText(error);
  if (trouble !== null) return new RpcError('machine.os', `${method} failed: ${trouble}`, { cause: error });
  return new RpcError('request.unexpected', `${method} failed unexpectedly: ${messageOf(error)}`, { cause: error });
}
