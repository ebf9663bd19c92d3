// npm run bench: sets up, builds, then compares codexd and the reference side by side (bench/).
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'build', 'bench', 'run.js'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
