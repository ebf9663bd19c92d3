// npm test: sets up what is missing, then runs every test (or those named: npm test -- test/exec).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const wanted = process.argv.slice(2);
const top = path.join(root, 'build', 'test');
const files = fs
  .readdirSync(top, { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => path.join('build', 'test', file))
  .filter(
    (file) =>
      !wanted.length || wanted.some((name) => file.includes(name.replace(/^(\.\/)?test\//, '').replace(/\.ts$/, ''))),
  )
  .sort();
if (!files.length) {
  process.stderr.write(`codexd: no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
const tap = path.join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
const { status } = spawnSync(
  process.execPath,
  [
    tap,
    'run',
    '--disable-coverage',
    '--jobs=2',
    '--timeout=900',
    `--reporter=${process.stdout.isTTY ? 'terse' : 'tap'}`,
    ...files,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
