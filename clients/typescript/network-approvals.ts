import type { Client } from './client.js';
import type { Dispose, ServerRequestContext } from './handlers.js';
import type { ServerRequestAnswer, ServerRequestParams } from '../../schema/registry.js';

/**
 * A capability for `capabilities.extensions`. A client that declares it receives approval requests for the network
 * access of its commands (docs/protocol-extensions.md): `{ extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } }`.
 */
export const NETWORK_APPROVAL_CAPABILITY = 'codexd/networkApproval';

/** The network target of a command, and the decisions that the client may choose from. */
export type NetworkPrompt = ServerRequestParams<'network/requestApproval'>;
export type NetworkDecision = ServerRequestAnswer<'network/requestApproval'>['decision'];

/**
 * Decides about one network target of one command. The command waits. `signal` is aborted when the server no longer
 * needs the decision; a later result or exception has no effect. An exception before that refuses the access.
 */
export type NetworkHandler = (
  prompt: NetworkPrompt,
  context: ServerRequestContext,
) => NetworkDecision | Promise<NetworkDecision>;

/**
 * Answers the approval requests of the command with this process id. Throws when the client has its own handler for
 * `network/requestApproval`, because that handler receives the requests of every command.
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

/** The one handler for the method. It finds the decider of the command. */
function createDispatcher(client: Client): Dispatcher {
  const byProcess = new Map<string, NetworkHandler>();
  const stop = client.onRequest('network/requestApproval', async (prompt, context) => {
    const handler = prompt.processId === null ? undefined : byProcess.get(prompt.processId);
    // A command without a decider gets the decision that it would get without a prompt.
    return { decision: handler === undefined ? 'decline' : await handler(prompt, context) };
  });
  return { byProcess, stop };
}
