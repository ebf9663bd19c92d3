/** The order of the events of a turn with a command, in a daemon. */
import t from 'tap';
import { event, items, say } from '../../../fixtures/model-server.js';
import { mcpScene } from '../support.js';

t.setTimeout(120_000);

t.test('a turn with a plan and a command', async (t) => {
  const s = await mcpScene(
    t,
    { tables: '[tools.update_plan]\nenabled = true' },
    items(event.call('update_plan', { plan: [{ step: 'look', status: 'in_progress' }], explanation: 'why' }, 'p1')),
    items(event.call('exec_command', { cmd: 'printf out; exit 3' }, 'c1')),
    say('done'),
  );
  const { structuredContent } = await s.codex({ prompt: 'go' }, 'call');
  const events = s.messages.filter(({ method }) => method === 'codex/event').map(({ params }) => params);
  for (const { _meta } of events) t.same(_meta, { requestId: 'call', threadId: structuredContent.threadId });
  const types = events.map(({ msg }) => msg.type);
  const order = [
    'session_configured',
    'task_started',
    'user_message',
    'plan_update',
    'exec_command_begin',
    'exec_command_end',
    'agent_message_content_delta',
    'agent_message',
    'task_complete',
  ];
  t.same(
    types.filter((type) => order.includes(type)),
    order,
  );
  t.equal(types.at(-1), 'task_complete', 'the last one before the result');
  t.match(s.events('plan_update'), [{ explanation: 'why', plan: [{ step: 'look', status: 'in_progress' }] }]);
  t.match(s.events('exec_command_end'), [{ call_id: 'c1', exit_code: 3, aggregated_output: 'out', status: 'failed' }]);
  const chunks = s.events('exec_command_output_delta').map(({ chunk }) => Buffer.from(chunk, 'base64').toString());
  t.equal(chunks.join(''), 'out');
  t.match(s.events('token_count').at(-1), { info: { total_token_usage: { total_tokens: 45 } } });
  t.match(s.events('task_complete'), [{ last_agent_message: 'done' }]);
  const turnId = s.events('task_started')[0].turn_id;
  t.ok(events.filter(({ msg }) => msg.type === 'agent_message').every(({ id }) => id === turnId));
});
