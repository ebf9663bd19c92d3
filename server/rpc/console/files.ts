/**
 * The files of the console, from dist/console: read once when the listener starts, so that an upgrade of the package
 * mixes no versions, and no path of a request reaches the disk.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { osErrorText } from '../../system/node/os-errors.js';
import { StartError } from '../../errors/start-error.js';
import { packageRoot } from '../../package/package-root.js';

export interface ConsoleFile {
  readonly type: string;
  readonly body: Buffer;
  /** For `If-None-Match`; null: not to be kept by a browser. */
  readonly tag: string | null;
}

/** By the path of the URL. `/` is the page itself. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Throws StartError when the package has no console. */
export function readConsoleFiles(folder = path.join(packageRoot(), 'dist', 'console')): ConsoleFiles {
  const files = new Map<string, ConsoleFile>();
  try {
    const page = fs.readFileSync(path.join(folder, 'index.html'));
    files.set('/', { type: 'text/html; charset=utf-8', body: page, tag: null });
    for (const name of fs.readdirSync(folder)) {
      const type = TYPES[path.extname(name)];
      if (type === undefined) continue;
      const body = fs.readFileSync(path.join(folder, name));
      files.set(`/console/${name}`, { type, body, tag: `"${createHash('sha256').update(body).digest('base64url')}"` });
    }
  } catch (error) {
    throw new StartError(
      `--console: the files of the console in ${folder} cannot be read: ${osErrorText(error)}; install codexd again`,
    );
  }
  return files;
}
