import t from 'tap';
import { hookInput } from '../../../server/sessions/hooks/hook-input.js';
import { hookedWork } from './support.js';

t.test('each event has its members', async (t) => {
  const { thread: live, turn } = await hookedWork(t, []);
  const asks = { ...live.state, wire: { ...live.state.wire, approvalPolicy: 'on-request' as const } };
  const thread = { id: live.id, writer: live.writer, state: asks };
  const common = { session_id: thread.id, transcript_path: thread.writer?.path, cwd: thread.state.wire.cwd };
  const { model } = thread.state.wire;
  t.same(hookInput(thread, 'stop', { stop_hook_active: false }, turn.id), {
    ...common,
    turn_id: turn.id,
    hook_event_name: 'Stop',
    model,
    permission_mode: 'default',
    stop_hook_active: false,
  });
  t.same(hookInput(thread, 'sessionStart', { source: 'startup' }, turn.id), {
    ...common,
    hook_event_name: 'SessionStart',
    model,
    permission_mode: 'default',
    source: 'startup',
  });
  t.same(hookInput(thread, 'preCompact', { trigger: 'auto' }, turn.id), {
    ...common,
    turn_id: turn.id,
    hook_event_name: 'PreCompact',
    model,
    trigger: 'auto',
  });
  t.same(hookInput(thread, 'sessionEnd', { reason: 'other' }, null), {
    ...common,
    hook_event_name: 'SessionEnd',
    reason: 'other',
  });
  t.match(hookInput(thread, 'preModelRequest', {}, turn.id), { thread_id: thread.id, turn_id: turn.id });
  const ephemeral = { id: thread.id, writer: null, state: live.state };
  t.match(hookInput(ephemeral, 'stop', {}, turn.id), { transcript_path: null, permission_mode: 'bypassPermissions' });
});
