import type { Client } from './client.js';
import type { Dispose, ServerRequestContext } from './handlers.js';
import type { ServerRequestAnswer, ServerRequestParams } from '../../schema/registry.js';

/**
 * Declared in `capabilities.extensions` by a client that wants to be asked about network requests of its commands
 * (docs/protocol-extensions.md): `{ extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } }`.
 */
export const NETWORK_APPROVAL_CAPABILITY = 'codexd/networkApproval';

/** What a command wants to reach, and what may be answered. */
export type NetworkPrompt = ServerRequestParams<'network/requestApproval'>;
export type NetworkDecision = ServerRequestAnswer<'network/requestApproval'>['decision'];

/**
 * Decides about one target of one command. The command waits. `signal` is aborted when the answer is no longer wanted;
 * what is answered then, or thrown, does nothing. Throwing before is a refusal.
 */
export type NetworkHandler = (
  prompt: NetworkPrompt,
  context: ServerRequestContext,
) => NetworkDecision | Promise<NetworkDecision>;

/**
 * Answers the prompts of the command with this process id. Throws when the client has a handler of its own for
 * `network/requestApproval`: that one is asked about every command.
 */
export function answerNetworkPrompts(client: Client, processId: string, handler: NetworkHandler): Dispose {
  const dispatcher = dispatchers.get(client) ?? createDispatcher(client);
  dispatchers.set(client, dispatcher);
  dispatcher.byProcess.set(processId, handler);
  return () => {
    if (dispatcher.byProcess.get(processId) !== handler) return;
    dispatcher.byProcess.delete(processId);
    if (dispatcher.byProcess.size > 0 || dispatchers.get(client) !== dispatcher) return;
    dispatchers.delete(client);
    dispatcher.stop();
  };
}

interface Dispatcher {
  readonly byProcess: Map<string, NetworkHandler>;
  readonly stop: Dispose;
}

const dispatchers = new WeakMap<Client, Dispatcher>();

/** One handler for the method, which finds the command's own. */
function createDispatcher(client: Client): Dispatcher {
  const byProcess = new Map<string, NetworkHandler>();
  const stop = client.onRequest('network/requestApproval', async (prompt, context) => {
    const handler = prompt.processId === null ? undefined : byProcess.get(prompt.processId);
    // A command that nobody wants to be asked about gets what it would get without a prompt.
    return { decision: handler === undefined ? 'decline' : await handler(prompt, context) };
  });
  return { byProcess, stop };
}
