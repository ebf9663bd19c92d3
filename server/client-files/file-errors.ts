/** Paths and failures of fs/* in the words of the protocol (docs/protocol/services.md §1). */
import path from 'node:path';
import { isCodexdError } from '../errors/codexd-error.js';
import { isNodeError, osCode } from '../errors/os-code.js';
import { invalidRequest, RpcError } from '../errors/rpc-error.js';
import { osErrorText } from '../system/node/os-errors.js';

/** The path in its normal form: links are not resolved. Throws RpcError for a NUL. */
export function filePath(given: string): string {
  if (given.includes('\0')) throw invalidRequest('file name contained an unexpected NUL byte');
  return path.resolve(given);
}

/** Runs `work`. What the operating system refuses is thrown as the answer: `No such file or directory (os error 2)`. */
export async function fileCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(error);
  }
}

/** The answer for what a call of the file system threw; other errors stay as they are. */
export function fileFailure(error: unknown): unknown {
  if (isCodexdError(error) || !isNodeError(error) || error.errno === undefined) return error;
  // The reference answers an invalid argument as an invalid request.
  const code = osCode(error) === 'EINVAL' ? 'request.invalid' : 'request.failed';
  return new RpcError(code, osErrorText(error), { cause: error });
}
