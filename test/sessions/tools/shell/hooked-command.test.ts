import t from 'tap';
import { hookedCommand, hookedPatch } from '../../../../server/sessions/tools/shell/hooked-command.js';
import type { ToolCall } from '../../../../server/sessions/tool-types/tool.js';

const call = (input: string): ToolCall => ({
  callId: 'c1',
  name: 'exec_command',
  namespace: null,
  kind: 'function',
  input,
});
const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch';

t.test('a command line is known as Bash, and keeps its other arguments', async (t) => {
  const hooked = hookedCommand(call('{"cmd":"ls","workdir":"/tmp"}'), '/work');
  t.match(hooked, { names: ['Bash'], input: { command: 'ls' }, commandLine: 'ls' });
  t.match(hooked?.withInput({ command: 'pwd' }), { input: '{"cmd":"pwd","workdir":"/tmp"}' });
  for (const bad of [{ cmd: 'pwd' }, 'pwd', null])
    t.equal(hooked?.withInput(bad), 'hook returned updatedInput without string field `command`');
  for (const refused of ['{', '[]', '{}', '{"cmd":1}']) t.equal(hookedCommand(call(refused), '/work'), null, refused);
});

t.test('hooks also receive a patch inside of a command line', async (t) => {
  const script = `apply_patch <<'EOF'\n${PATCH}\nEOF`;
  const hooked = hookedCommand(call(JSON.stringify({ cmd: script })), '/work');
  t.match(hooked, { names: ['Bash'], also: { names: ['apply_patch', 'Edit', 'Write'] } });
  t.match(hooked?.also?.input, { command: /^\*\*\* Begin Patch/ });
});

t.test('a patch', async (t) => {
  const hooked = hookedPatch({ ...call(PATCH), kind: 'custom' });
  t.match(hooked, { names: ['apply_patch', 'Edit', 'Write'], input: { command: PATCH }, commandLine: PATCH });
  const changed = hooked.withInput({ command: 'other' });
  t.match(changed, { input: 'other' });
  t.match(typeof changed === 'string' ? null : hooked.again?.(changed), { input: { command: 'other' } });
  t.type(hooked.withInput({ patch: 'other' }), 'string');
});
