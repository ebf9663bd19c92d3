// npm start: sets up what is missing, then shows the daemon at work (clients/demo), or, with arguments, runs it:
// npm start -- --listen …
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
const passed = process.argv.slice(2);
const script = passed.length
  ? [path.join(root, 'bin', 'codexd.cjs'), 'app-server', ...passed]
  : [path.join(root, 'dist', 'demo.cjs')];
const child = spawn(process.execPath, script, { stdio: 'inherit' });
// A terminal's Ctrl-C reaches both, and the child decides when it is done; told twice, it would not wait for its turns.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
  process.removeAllListeners();
});
