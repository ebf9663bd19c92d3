import { isSandboxRefusal } from '../../sandbox/policy/sandbox.js';
import { internalError, RpcError } from '../../errors/rpc-error.js';
import { SpawnError } from '../process/spawn-errors.js';

/** The answer to a request whose command did not start (docs/protocol/exec.md §0). `what`: `command` or `process`. */
export function startFailure(error: unknown, what: 'command' | 'process'): unknown {
  if (error instanceof RpcError) return error;
  if (error instanceof SpawnError) return internalError(`failed to spawn ${what}: ${error.message}`);
  // Refused, not run open: the message names the reason and the way out.
  if (isSandboxRefusal(error)) return internalError(`failed to sandbox ${what}: ${error.message}`);
  return error; // The table knows what is answered as it stands.
}

/** docs/protocol/exec.md §11: an environment variable of the official program turns local commands off altogether. */
export function assertLocalEnvironment(env: Readonly<NodeJS.ProcessEnv>): void {
  if (env.CODEX_EXEC_SERVER_URL === 'none') throw internalError('local environment is not configured');
}
