import t from 'tap';
import { HAS_CONSOLES, startOnConsole } from '../../../server/system/programs/console-terminal.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there are none', notOnWindows, async (t) => {
  t.equal(HAS_CONSOLES, false);
});

t.test('a program starts on one', onWindows, async (t) => {
  t.equal(HAS_CONSOLES, true);
  const env = { SystemRoot: process.env.SystemRoot ?? 'C:\\Windows' };
  const call = { file: 'cmd.exe', args: ['/d', '/c', 'exit 7'], cwd: 'C:\\', env };
  const { exited, output } = await startOnConsole(call, { size: { rows: 1, cols: 1 } });
  output.resume();
  t.equal(await exited, 7);
});
