import { isSandboxRefusal } from '../../sandbox/policy/sandbox.js';
import { internalError, RpcError } from '../../errors/rpc-error.js';
import { SpawnError } from '../process/spawn-errors.js';

/** Translates a start error into the error answer (docs/protocol/exec.md §0). `what`: `command` or `process`. */
export function startFailure(error: unknown, what: 'command' | 'process'): unknown {
  if (error instanceof RpcError) return error;
  if (error instanceof SpawnError) return internalError(`failed to spawn ${what}: ${error.message}`);
  // The command was refused and did not run without the sandbox. The message names the reason and the way out.
  if (isSandboxRefusal(error)) return internalError(`failed to sandbox ${what}: ${error.message}`);
  return error; // The table of errors determines the answer.
}

/** docs/protocol/exec.md §11: an environment variable of the official program disables local commands. */
export function assertLocalEnvironment(env: Readonly<NodeJS.ProcessEnv>): void {
  if (env.CODEX_EXEC_SERVER_URL === 'none') throw internalError('local environment is not configured');
}
