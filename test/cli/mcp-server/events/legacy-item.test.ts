import t from 'tap';
import { changesOf, itemCompleted, itemStarted } from '../../../../server/cli/mcp-server/events/legacy-item.js';
import type { Loose } from '../support.js';

const PLACE = { threadId: 'thread', turnId: 'turn' };
const times = { startedAtMs: 1, completedAtMs: 2 };

const COMMAND: Loose = {
  ...times,
  type: 'commandExecution',
  id: 'c',
  command: "/bin/bash -lc 'echo a b'",
  cwd: '/w',
  processId: '7',
  source: 'unifiedExecStartup',
  status: 'completed',
  commandActions: [{ type: 'listFiles', command: 'ls', path: null }],
  aggregatedOutput: 'a b\n',
  exitCode: 0,
  durationMs: 1_250,
};

t.test('a command', async (t) => {
  t.match(itemStarted(COMMAND, PLACE), [
    {
      type: 'exec_command_begin',
      call_id: 'c',
      process_id: '7',
      turn_id: 'turn',
      command: ['/bin/bash', '-lc', 'echo a b'],
      parsed_cmd: [{ type: 'list_files', cmd: 'ls', path: null }],
      source: 'unified_exec_startup',
      started_at_ms: 1,
    },
  ]);
  t.match(itemCompleted(COMMAND, PLACE), [
    { type: 'exec_command_end', aggregated_output: 'a b\n', exit_code: 0, duration: { secs: 1, nanos: 250_000_000 } },
  ]);
});

t.test('messages and thoughts', async (t) => {
  const user: Loose = {
    ...times,
    type: 'userMessage',
    id: 'u',
    content: [
      { type: 'text', text: 'hi', text_elements: [] },
      { type: 'localImage', path: '/a.png' },
    ],
  };
  t.match(itemCompleted(user, PLACE), [
    { type: 'item_completed', item: { type: 'UserMessage', content: [{ type: 'text' }, { type: 'local_image' }] } },
    { type: 'user_message', message: 'hi', local_images: ['/a.png'] },
  ]);
  const agent: Loose = { ...times, type: 'agentMessage', id: 'a', text: 'yes' };
  t.match(itemCompleted(agent, PLACE), [
    { item: { type: 'AgentMessage', content: [{ type: 'Text', text: 'yes' }] }, completed_at_ms: 2 },
    { type: 'agent_message', message: 'yes', phase: null },
  ]);
  const thought: Loose = { ...times, type: 'reasoning', id: 'r', summary: ['one', 'two'], content: ['raw'] };
  t.same(
    itemCompleted(thought, PLACE).map(({ type }) => type),
    ['item_completed', 'agent_reasoning', 'agent_reasoning', 'agent_reasoning_raw_content'],
  );
});

t.test('changes of files', async (t) => {
  const changes = [
    { path: '/a', kind: { type: 'add' as const }, diff: 'text\n' },
    { path: '/b', kind: { type: 'update' as const, move_path: '/c' }, diff: '@@' },
    { path: '/d', kind: { type: 'delete' as const }, diff: 'old\n' },
  ];
  t.same(changesOf({ changes }), {
    '/a': { type: 'add', content: 'text\n' },
    '/b': { type: 'update', unified_diff: '@@', move_path: '/c' },
    '/d': { type: 'delete', content: 'old\n' },
  });
  const item: Loose = { ...times, type: 'fileChange', id: 'f', changes, status: 'declined' };
  t.match(itemCompleted(item, PLACE)[1], { type: 'patch_apply_end', success: false, status: 'declined' });
});

t.test('a call of an MCP tool, and a search', async (t) => {
  const call: Loose = {
    ...times,
    type: 'mcpToolCall',
    id: 'm',
    server: 's',
    tool: 't',
    status: 'failed',
    arguments: { a: 1 },
    result: null,
    error: { message: 'no' },
    durationMs: 5,
  };
  t.match(itemCompleted(call, PLACE), [
    { type: 'mcp_tool_call_end', invocation: { server: 's', tool: 't', arguments: { a: 1 } }, result: { Err: 'no' } },
  ]);
  const search: Loose = { ...times, type: 'webSearch', id: 'w', query: 'q', action: { type: 'openPage', url: 'u' } };
  t.match(itemCompleted(search, PLACE), [
    { type: 'web_search_end', query: 'q', action: { type: 'open_page', url: 'u' } },
  ]);
});
