import t from 'tap';
import { terminalLeader } from '../../../server/system/programs/terminal-leader.js';
import { systemProgram } from '../../../server/system/programs/system-program.js';

t.test('Linux has setsid(1), inside of the sandbox', { skip: process.platform !== 'linux' }, async (t) => {
  t.strictSame(terminalLeader(), { inner: [systemProgram('setsid'), '-c', '--'], outer: [] });
});

t.test('macOS has a helper, and only the published one', async (t) => {
  if (process.platform === 'darwin') t.match(terminalLeader().outer, [/spawn-helper$/, '']);
  else t.throws(() => terminalLeader('darwin'), { code: 'machine.native-module', message: /spawn-helper/ });
});
