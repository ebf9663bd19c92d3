import t, { type Test } from 'tap';
import type { CommandHook } from '../../../server/hooks/runnable-hook.js';
import { runHooked } from '../../../server/sessions/hooks/tool-hooks.js';
import type { HookedCall, Tool, ToolCall, ToolContext } from '../../../server/sessions/tool-types/tool.js';
import { hook, hookedWork, prints } from './support.js';

const CALL: ToolCall = { callId: 'c1', name: 'tool', namespace: null, kind: 'function', input: '{"a":1}' };
const specific = (hookEventName: string, members: object) =>
  prints({ hookSpecificOutput: { hookEventName, ...members } });

async function scene(t: Test, hooks: readonly CommandHook[], hooked?: () => HookedCall | null) {
  const w = await hookedWork(t, hooks);
  const notes: string[] = [];
  const ran: string[] = [];
  const tool: Tool = {
    name: 'tool',
    definition: () => null,
    ...(hooked === undefined ? {} : { hooked }),
    run(call, { responded }) {
      ran.push(call.input);
      responded?.({ response: { answered: call.input } });
      return `output of ${call.input}`;
    },
  };
  const context = {
    thread: w.thread,
    turn: w.turn,
    state: w.thread.state,
    note: (text: string) => void notes.push(text),
  } as unknown as ToolContext;
  return { ...w, notes, ran, run: (call = CALL) => runHooked(tool, call, context) };
}

t.test('a call is refused before it runs', async (t) => {
  const deny = specific('PreToolUse', {
    permissionDecision: 'deny',
    permissionDecisionReason: 'why',
    additionalContext: 'c',
  });
  const { run, ran, notes, runs } = await scene(t, [hook('preToolUse', deny), hook('preToolUse', 'exit 1')]);
  t.equal(await run(), 'Tool call blocked by PreToolUse hook: why. Tool: tool');
  t.same([ran, notes], [[], ['c']]);
  t.match(runs(), [{ id: 'pre-tool-use:0:/home/hooks.json:c1', status: 'blocked' }, { status: 'failed' }]);
});

t.test('a call runs with the input of a hook, and hooks learn of it', async (t) => {
  const change = (b: number, wait = '') =>
    hook('preToolUse', `${wait}${specific('PreToolUse', { permissionDecision: 'allow', updatedInput: { b } })}`);
  const { run, runs } = await scene(t, [change(1, 'sleep 0.5;'), change(2), hook('postToolUse', 'cat >&2; exit 2')]);
  t.match(
    JSON.parse((await run()) as string),
    {
      hook_event_name: 'PostToolUse',
      tool_name: 'tool',
      tool_input: { b: 1 },
      tool_response: { answered: '{"b":1}' },
      tool_use_id: 'c1',
    },
    'the input that came last counts',
  );
  t.equal(runs().at(-1)?.id, 'post-tool-use:2:/home/hooks.json:c1');
});

t.test('hooks after the call replace its output, and add context', async (t) => {
  const { run, notes } = await scene(t, [
    hook('postToolUse', prints({ decision: 'block', reason: 'one' })),
    hook('postToolUse', prints({ continue: false, stopReason: 'two' })),
    hook('postToolUse', specific('PostToolUse', { additionalContext: 'c' })),
  ]);
  t.equal(await run(), 'one\n\ntwo');
  t.same(notes, ['c']);
});

t.test('no hook receives arguments that are not JSON', async (t) => {
  const { run, ran, runs } = await scene(t, [hook('preToolUse', 'echo no >&2; exit 2')]);
  await run({ ...CALL, input: '{' });
  t.same([ran, runs()], [['{'], []]);
});

t.test('a required hook that fails refuses the call', async (t) => {
  const { run, ran } = await scene(t, [hook('preToolUse', 'echo "{x"', { isManaged: true })]);
  t.match(await run(), /blocked by PreToolUse hook: a hook that the administrator.*invalid pre-tool-use JSON output/);
  t.same(ran, []);
});

t.test('a call has another form, for other hooks', async (t) => {
  const withInput = (input: unknown) => ({ ...CALL, input: JSON.stringify(input) });
  const also: HookedCall = { names: ['apply_patch'], input: { command: 'patch' }, commandLine: 'patch', withInput };
  const call: HookedCall = { names: ['Bash'], input: { command: 'line' }, commandLine: 'line', withInput, also };
  const guard = (matcher: string | null) => hook('preToolUse', 'echo no >&2; exit 2', { matcher });
  const first = await scene(t, [guard('Bash')], () => call);
  t.equal(await first.run(), 'Command blocked by PreToolUse hook: no. Command: line');
  const second = await scene(t, [guard('apply_patch')], () => call);
  t.equal(await second.run(), 'Command blocked by PreToolUse hook: no. Command: patch');
  const both = await scene(t, [hook('preToolUse', 'true')], () => call);
  await both.run();
  t.equal(both.runs().length, 1, 'no hook runs twice');
});
