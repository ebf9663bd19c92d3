import fs from 'node:fs';
import path from 'node:path';

/** The first line of every generated TypeScript file. Tools search for it. */
export const HEADER = '// GENERATED CODE! DO NOT MODIFY BY HAND!\n\n';

/** Creates the folder and its parents. Throws `Failed to create DIR` (docs/protocol/transport.md §12). */
export function makeFolder(dir: string): void {
  try {
    fs.mkdirSync(dir, { recursive: true });
  } catch (cause) {
    throw new Error(`Failed to create ${dir}`, { cause });
  }
}

/** Does not follow links: in a folder where commands may write, a link could point to any file of the person. */
const FLAGS = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC | (fs.constants.O_NOFOLLOW ?? 0);

/** Writes files below `dir` and overwrites existing files. Throws `Failed to write FILE`. */
export function writeFiles(dir: string, files: ReadonlyMap<string, string>): void {
  const folders = new Set([...files.keys()].map((file) => path.dirname(path.join(dir, file))));
  [dir, ...folders].forEach(makeFolder);
  for (const [file, text] of files) {
    const target = path.join(dir, file);
    try {
      const fd = fs.openSync(target, FLAGS, 0o666);
      try {
        fs.writeFileSync(fd, text);
      } finally {
        fs.closeSync(fd);
      }
    } catch (cause) {
      throw new Error(`Failed to write ${target}`, { cause });
    }
  }
}
