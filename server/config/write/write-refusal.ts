import { invalidRequest } from '../../errors/rpc-error.js';
import type { RpcError } from '../../errors/rpc-error.js';

/** Why a write is refused (docs/protocol/config.md §5). */
export type WriteErrorCode =
  'configLayerReadonly' | 'configVersionConflict' | 'configValidationError' | 'configPathNotFound';

/** -32600 with the code in `data`. */
export function writeRefused(code: WriteErrorCode, message: string): RpcError {
  return invalidRequest(message, { config_write_error_code: code });
}
