import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../errors/codexd-error.js';

/**
 * The folder of this package's package.json.
 *
 * The code runs as a bundle (dist/codexd.cjs) and, in tests, as single files (build/server/…). Both use this folder to
 * find other files of the package (dist/validators, dist/lane-helper.cjs).
 */
export function packageRoot(): string {
  root ??= findUp(path.dirname(import.meta.filename));
  return root;
}
let root: string | undefined;

function findUp(start: string): string {
  for (let dir = start; ; dir = path.dirname(dir)) {
    if (fs.existsSync(path.join(dir, 'package.json'))) return dir;
    if (dir === path.dirname(dir))
      throw new CodexdError('machine.package', `no package.json above ${start}: codexd is not installed completely`);
  }
}
