/** Every end of a call has an output: its own, a fault of a tool, an interrupt. */
import t from 'tap';
import type { ToolCall, ToolContext } from '../../../../server/sessions/tool-types/tool.js';
import { callOutput } from '../../../../server/sessions/turn/answer/call-output.js';
import { answer } from '../../../../server/sessions/tools/toolbox.js';

const call: ToolCall = { callId: 'c1', name: 'some_tool', namespace: null, kind: 'function', input: '{}' };
const logged: string[] = [];
const log = { error: (message: string) => void logged.push(message) };
/** The part of a context that matters here. */
const context = (signal: AbortSignal): ToolContext => ({ signal }) as unknown as ToolContext;

t.beforeEach(() => void logged.splice(0));

t.test('the tool’s own output', async (t) => {
  const { signal } = new AbortController();
  const toolbox = { run: async (made: ToolCall) => answer(made, 'done') };
  t.match(await callOutput(call, context(signal), { toolbox, log }), { call_id: 'c1', output: 'done' });
});

t.test('a fault of a tool is logged, and the model learns its cause', async (t) => {
  const { signal } = new AbortController();
  const toolbox = { run: () => Promise.reject(new Error('no disk')) };
  t.match(await callOutput(call, context(signal), { toolbox, log }), { output: 'some_tool failed: no disk' });
  t.match(logged, ['tool some_tool failed']);
});

t.test('an interrupt during the call is its output, and no fault', async (t) => {
  const stop = new AbortController();
  const toolbox = {
    run: async (): Promise<never> => {
      stop.abort();
      throw new Error('the turn ended');
    },
  };
  const { output } = await callOutput({ ...call, kind: 'custom' }, context(stop.signal), { toolbox, log });
  t.match(output, /^Wall time: \d+\.\d seconds\naborted by user$/);
  t.strictSame(logged, []);
});

t.test('a call that waited until after the interrupt does not run', async (t) => {
  const toolbox = { run: async () => t.fail('it runs') as never };
  const { output, type } = await callOutput({ ...call, kind: 'custom' }, context(AbortSignal.abort()), {
    toolbox,
    log,
  });
  t.equal(type, 'custom_tool_call_output');
  t.match(output, /aborted by user/);
});
