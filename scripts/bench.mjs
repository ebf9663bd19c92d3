// npm run bench: sets up, builds, then compares codexd and the reference side by side (bench/).
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { execa } = await import('execa');
const [first, ...rest] = process.argv.slice(2);
// npm run bench:matching
const [entry, args] = first === '--matching' ? ['matching.js', rest] : ['run.js', process.argv.slice(2)];
const { exitCode } = await execa(process.execPath, [path.join(root, 'build', 'bench', entry), ...args], {
  cwd: root,
  stdio: 'inherit',
  reject: false,
});
process.exit(exitCode ?? 1);
