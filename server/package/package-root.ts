import fs from 'node:fs';
import path from 'node:path';

/**
 * The folder that holds this package's package.json.
 *
 * The same code runs bundled (dist/codexd.cjs) and, in tests, file by file (build/server/…): both find their
 * neighbours (dist/validators, dist/lane-helper.cjs) from here.
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
      throw new Error(`no package.json above ${start}: codexd is not installed completely`);
  }
}
