/** The arguments that the model is offered are those that are read. */
import path from 'node:path';
import t from 'tap';
import { createModelInfo } from '../../../../server/sessions/model/model-info.js';
import {
  additionalOf,
  execCommandDefinition,
  hasShell,
  readExecCommand,
} from '../../../../server/sessions/tools/shell/exec-command-arguments.js';
import { stateOf } from '../../live/support.js';

const state = stateOf('/project');
const more = { ...state, table: { features: { exec_permission_approvals: true } } };
const propertiesOf = (definition: object): string[] =>
  Object.keys((definition as { parameters: { properties: object } }).parameters.properties);

t.test('each offered argument is read, with and without additional permissions', async (t) => {
  for (const each of [state, more]) {
    const offered = propertiesOf(execCommandDefinition(each));
    const read = Object.keys(readExecCommand('{"cmd":"ls"}', each));
    t.strictSame(offered, [...read].sort());
    t.equal(offered.includes('additional_permissions'), each === more);
  }
});

t.test('a call that asks for more where nobody can grant it is malformed', async (t) => {
  const input = JSON.stringify({ cmd: 'ls', sandbox_permissions: 'with_additional_permissions' });
  t.throws(() => readExecCommand(input, state), { code: 'tool.arguments' });
  t.equal(readExecCommand(input, more).sandbox_permissions, 'with_additional_permissions');
  t.throws(() => readExecCommand('{}', state), { code: 'tool.arguments' });
});

const project = path.resolve('/project');

t.test('additional permissions: none, some, and the request that names none', async (t) => {
  const read = (args: object) => additionalOf(readExecCommand(JSON.stringify({ cmd: 'ls', ...args }), more), project);
  t.equal(read({}), null);
  const asked = { file_system: { write: ['out'] } };
  t.match(read({ additional_permissions: asked }), { network: false, write: [path.join(project, 'out')] });
  t.equal(read({ additional_permissions: asked, sandbox_permissions: 'require_escalated' }), null, 'it has all');
  for (const additional of [undefined, {}, { file_system: { read: [] } }])
    t.match(
      read({ sandbox_permissions: 'with_additional_permissions', additional_permissions: additional }),
      /^missing `additional_permissions`/,
    );
});

t.test('no shell: the feature is off, or the model supports none', async (t) => {
  const infoOf = createModelInfo((message) => t.fail(message));
  t.equal(hasShell(state, infoOf), true);
  t.equal(hasShell({ ...state, table: { features: { shell_tool: false } } }, infoOf), false);
  t.equal(
    hasShell(state, () => ({ ...infoOf(state), shell: false })),
    false,
  );
});
