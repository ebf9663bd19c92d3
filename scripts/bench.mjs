// npm run bench: sets up, builds, then compares codexd and the reference side by side (bench/).
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const [first, ...rest] = process.argv.slice(2);
// npm run bench:matching
const [entry, args] = first === '--matching' ? ['matching.js', rest] : ['run.js', process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [path.join(root, 'build', 'bench', entry), ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
