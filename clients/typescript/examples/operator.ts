/** A thread with a turn, an approval, and the network questions of every client, in a file so that it compiles. */
import { connectWebSocket, NETWORK_APPROVAL_CAPABILITY, OPERATOR_CAPABILITY, watchOperator } from '../index.js';

const client = await connectWebSocket('ws://127.0.0.1:4500', {
  clientInfo: { name: 'my-operator', version: '1.0.0' },
  capabilities: {
    experimentalApi: true,
    extensions: { [NETWORK_APPROVAL_CAPABILITY]: {}, [OPERATOR_CAPABILITY]: {} },
  },
});

// The questions of this client's own threads.
client.onRequest('item/commandExecution/requestApproval', ({ command, networkApprovalContext }) => {
  console.log('may it?', command ?? networkApprovalContext?.host);
  return { decision: 'accept' };
});

// Those of everybody, also after a reconnect: the daemon needs [codexd] operators = "answer".
const seen = new Set<string>();
const unwatch = watchOperator(client, {
  onPrompts(prompts) {
    for (const { promptId, method, mayAnswer } of prompts) {
      if (!mayAnswer || method !== 'network/requestApproval' || seen.has(promptId)) continue;
      seen.add(promptId);
      client
        .request('operator/prompts/answer', { promptId, result: { decision: 'decline' } })
        .then(({ settled }) => console.log(settled ? 'refused' : 'somebody was first'), console.error);
    }
  },
  onCommands: (commands) => console.log(commands.filter(({ state }) => state === 'running').length, 'commands run'),
  onDecisions: (decisions) => decisions.forEach(({ verdict, host }) => console.log(verdict, host)),
  onConnections: (connections) => console.log(connections.length, 'clients'),
  onError: console.error,
});

const { thread } = await client.request('thread/start', {});
client.onNotification('item/agentMessage/delta', ({ delta }) => process.stdout.write(delta));
const completed = new Promise<void>((resolve) => client.onNotification('turn/completed', () => resolve()));
await client.request('turn/start', {
  threadId: thread.id,
  input: [{ type: 'text', text: 'What is in this folder?', text_elements: [] }],
});
await completed;
unwatch();
await client.close();
