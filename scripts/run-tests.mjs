// Runs test files of build/ under tap, with this Node or another one. The tests are built before (scripts/setup.mjs).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

/** Test files below the repository's root whose path holds one of `wanted` (test/exec, test/log.test.ts); all without any. */
export function testFiles(wanted = []) {
  const parts = wanted.map((name) => name.replace(/^(\.\/)?test\//, '').replace(/\.ts$/, ''));
  return fs
    .readdirSync(path.join(root, 'build', 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.js') && (!parts.length || parts.some((part) => file.includes(part))))
    .map((file) => path.join('build', 'test', file))
    .sort();
}

/**
 * Answers whether all of them passed. `node`: the program that runs tap, the tests, and whatever they start, be it as
 * process.execPath or by `node` on PATH. `log`: a file for all of the output, in place of the terminal.
 */
export function runTests(files, { node = process.execPath, reporter = 'tap', log } = {}) {
  const tap = path.join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
  const options = ['--disable-coverage', '--jobs=2', '--timeout=900', `--reporter=${reporter}`];
  const out = log === undefined ? 'inherit' : fs.openSync(log, 'w');
  const { status } = spawnSync(node, [tap, 'run', ...options, ...files], {
    cwd: root,
    env: withNode(node),
    stdio: ['ignore', out, out],
  });
  if (typeof out === 'number') fs.closeSync(out);
  return status === 0;
}

/** An environment in which `node` is this program. */
export const withNode = (node) => ({
  ...process.env,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
});
