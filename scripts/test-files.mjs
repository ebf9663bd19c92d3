// The test files of build/, and which of them are quick. scripts/setup.mjs must have built them.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

/**
 * Test files below the repository's root whose path contains one of `wanted` (test/exec, test/log/log.test.ts); without
 * `wanted` all.
 * @param {string[]} [wanted]
 */
export function testFiles(wanted = []) {
  const parts = wanted.map((name) => name.replace(/^(\.\/)?test\//, '').replace(/\.ts$/, ''));
  return fs
    .readdirSync(path.join(root, 'build', 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js') && (!parts.length || parts.some((part) => file.includes(part))))
    .map((file) => path.join('build', 'test', file))
    .sort();
}

/** The source of a built test. @param {string} file */
export const sourceOf = (file) => file.replace(/^build[\\/]/, '').replace(/\.js$/, '.ts');

const HEAVY =
  /node:(?:child_process|worker_threads|cluster)|'(?:execa|esbuild|typescript)'|createSupervisor\(|connectStdio|codexd\.cjs/;
const MARK = /^\/\/ Not in test:quick: \S/m;
const LIGHT = /^\/\/ In test:quick: \S/m;

/**
 * A test is quick if neither it nor a file of test/ that it imports names `child_process`, a worker, execa, esbuild,
 * the TypeScript compiler, `createSupervisor`, or a way to start codexd (`connectStdio`, codexd.cjs). A test without
 * these that takes seconds opens with `// Not in test:quick: REASON`; a file that starts only a program of some
 * milliseconds has the line `// In test:quick: REASON`.
 * @param {string} file of build/test
 */
export function isQuick(file) {
  const seen = new Set();
  const open = [path.join(root, sourceOf(file))];
  for (let source = open.pop(); source !== undefined; source = open.pop()) {
    if (seen.has(source)) continue;
    seen.add(source);
    const text = fs.readFileSync(source, 'utf8');
    if (MARK.test(text) || (HEAVY.test(text) && !LIGHT.test(text))) return false;
    for (const [, name] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g)) {
      const target = path.resolve(path.dirname(source), `${name}.ts`);
      if (target.startsWith(path.join(root, 'test', path.sep)) && fs.existsSync(target)) open.push(target);
    }
  }
  return true;
}
