import fs from 'node:fs';
import path from 'node:path';

/** The first line of every generated TypeScript file; tools look for it. */
export const HEADER = '// GENERATED CODE! DO NOT MODIFY BY HAND!\n\n';

/** Makes the folder and what is above it. Throws `Failed to create DIR` (spec/transport.md §12). */
export function makeFolder(dir: string): void {
  try {
    fs.mkdirSync(dir, { recursive: true });
  } catch (cause) {
    throw new Error(`Failed to create ${dir}`, { cause });
  }
}

/** Writes files below `dir`, over what is there. Throws `Failed to write FILE`. */
export function writeFiles(dir: string, files: ReadonlyMap<string, string>): void {
  const folders = new Set([...files.keys()].map((file) => path.dirname(path.join(dir, file))));
  [dir, ...folders].forEach(makeFolder);
  for (const [file, text] of files) {
    const target = path.join(dir, file);
    try {
      fs.writeFileSync(target, text);
    } catch (cause) {
      throw new Error(`Failed to write ${target}`, { cause });
    }
  }
}
