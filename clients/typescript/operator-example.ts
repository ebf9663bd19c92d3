/** A thread with a turn, an approval, and the network questions of every client, in a file so that it compiles. */
import { connectWebSocket, NETWORK_APPROVAL_CAPABILITY, OPERATOR_CAPABILITY } from './index.js';

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

// Those of everybody: the daemon needs [codexd] operators = "answer".
client.onNotification('operator/prompts/opened', ({ prompt }) => {
  if (!prompt.mayAnswer || prompt.method !== 'network/requestApproval') return;
  const { promptId } = prompt;
  client
    .request('operator/prompts/answer', { promptId, result: { decision: 'decline' } })
    .then(({ settled }) => console.log(settled ? 'refused' : 'somebody was first'), console.error);
});

const { data } = await client.request('operator/commands/list', {});
for (const { program, owner, state } of data) console.log(program, owner.kind, state);

const { thread } = await client.request('thread/start', {});
client.onNotification('item/agentMessage/delta', ({ delta }) => process.stdout.write(delta));
const completed = new Promise<void>((resolve) => client.onNotification('turn/completed', () => resolve()));
await client.request('turn/start', {
  threadId: thread.id,
  input: [{ type: 'text', text: 'What is in this folder?', text_elements: [] }],
});
await completed;
await client.close();
