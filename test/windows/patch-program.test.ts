/** `apply_patch` in the shells of Windows, with the built daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { onWindows } from '../fixtures/windows.js';

const patch = (...lines: string[]): string => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n');

t.test('a patch on standard input changes files; one that a shell has cut changes nothing', onWindows, async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const run = (script: string) =>
    client.request('command/exec', {
      command: ['cmd.exe', '/d', '/s', '/c', script],
      cwd: daemon.work,
      sandboxPolicy: { type: 'dangerFullAccess' },
      env: { NODE_OPTIONS: '--require C:\\gone.js' },
    });
  for (const [i, name] of ['apply_patch', 'applypatch', 'apply-patch'].entries()) {
    fs.writeFileSync(path.join(daemon.work, 'patch.txt'), patch(`*** Add File: new ${i}.txt`, '+100% "é" ^&|'));
    const { exitCode, stdout, stderr } = await run(`${name} < patch.txt`);
    t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    t.match(stdout, 'Success');
    t.equal(fs.readFileSync(path.join(daemon.work, `new ${i}.txt`), 'utf8'), '100% "é" ^&|\n');
  }
  const cut = await run('apply_patch "*** Begin Patch"');
  t.not(cut.exitCode, 0);
  t.match(cut.stderr, /\S/);
});
