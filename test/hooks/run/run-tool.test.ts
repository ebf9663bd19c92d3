import t from 'tap';
import { runHookTool, type CallHookTool } from '../../../server/hooks/run/run-tool.js';
import { toolHook } from '../../fixtures/hooks.js';

const HOOK = toolHook({ timeoutSec: 2, tool: 'guard', input: { name: '${tool_name}' } });

const run = (callTool: CallHookTool, input = '{"tool_name":"Bash"}', gone = new AbortController().signal) =>
  runHookTool(HOOK, { input, callTool, gone });

t.test('the text of the result is the output', async (t) => {
  const end = await run(async (call) => {
    t.match(call, { server: 's', tool: 'guard', arguments: { name: 'Bash' }, timeoutMs: 2000 });
    return { ok: true, text: '{"continue":true}' };
  });
  t.same(end, { kind: 'exit', code: 0, stdout: '{"continue":true}', stderr: '' });
});

t.test('a call without a result, and a placeholder that names nothing, are failures', async (t) => {
  const failed: CallHookTool = async () => ({ ok: false, why: 'tool call failed for `s/guard`', cause: 'closed' });
  t.same(await run(failed), { kind: 'notRun', why: 'tool call failed for `s/guard`', cause: 'closed' });
  t.match(await run(() => Promise.reject(new TypeError('not called')), '{}'), {
    kind: 'notRun',
    why: 'hook input placeholder `${tool_name}` was not found',
  });
});

t.test('the end of the turn ends the call', async (t) => {
  const gone = new AbortController();
  const waits: CallHookTool = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));
  const end = run(waits, undefined, gone.signal);
  gone.abort();
  t.same(await end, { kind: 'cancelled' });
  t.same(await run(() => Promise.reject(new TypeError('a bug'))), { kind: 'notRun', why: 'a bug' });
});
