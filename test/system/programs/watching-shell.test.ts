/** Beside a real daemon's stand-in: the shell outlives it, and does not keep it alive. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { runToEnd } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';

const MODULE = path.join(packageRoot(), 'build/server/system/programs/watching-shell.js');

t.test('the shell learns of the end of the daemon, however it ends, and acts after it', async (t) => {
  for (const end of ['', "process.kill(process.pid, 'SIGKILL');"]) {
    const file = path.join(t.testdir(), 'told');
    const daemon = `const { startWatchingShell } = await import(${JSON.stringify(MODULE)});
      const shell = startWatchingShell('cat > "$1.part"; echo "$0" >> "$1.part"; mv "$1.part" "$1"', 'watcher', process.argv[1]);
      shell.stdin.write('a line\\n', () => { ${end} });`;
    const { signal, stderr } = runToEnd(process.execPath, ['--input-type=module', '-e', daemon, file], {
      timeout: 60_000,
    });
    t.equal(stderr, '');
    t.equal(signal ?? null, end === '' ? null : 'SIGKILL', 'without a signal it ends by itself');
    await until(() => fs.existsSync(file), 'the shell has acted');
    t.equal(fs.readFileSync(file, 'utf8'), 'a line\nwatcher\n');
  }
});
