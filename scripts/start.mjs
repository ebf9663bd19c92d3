// npm start: sets up missing parts, then runs the demo (clients/demo), or, with arguments, the daemon: npm start --
// --listen …
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
const { execa } = await import('execa');
const passed = process.argv.slice(2);
const script = passed.length
  ? [path.join(root, 'bin', 'codexd.cjs'), 'app-server', ...passed]
  : [path.join(root, 'dist', 'demo.cjs')];
// Without `cleanup`: the child ends its commands itself before it ends.
const child = execa(process.execPath, script, { stdio: 'inherit', reject: false, cleanup: false });
// A terminal's Ctrl-C reaches both processes, and the child decides when it ends. A second signal would end its turns
// at once.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
}
const { exitCode } = await child;
process.exitCode = exitCode ?? 1;
process.removeAllListeners();
