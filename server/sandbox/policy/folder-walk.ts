/**
 * Finds names in a whole tree, in its own thread. A walk of 200 000 folders takes seconds, and only its caller waits.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { decodePath } from '../../system/files/path-bytes.js';
import { paths } from '../../system/files/paths.js';
import { sandboxRefused } from './sandbox.js';

export interface FolderWalk {
  /** The absolute paths of entries with one of the names. */
  readonly found: readonly string[];
}

/** A tree that takes longer cannot be protected; in milliseconds. */
const TIME_LIMIT_MS = 60_000;

/** Throws `sandbox.refused` when the walk does not finish in time. Does not follow links. */
export function walkFolders(root: string, names: readonly string[], skipped: readonly string[]): Promise<FolderWalk> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(
        sandboxRefused(
          `cannot look for repositories below ${root}: ${reason}; make a smaller folder writable, or set the profile's write access folder by folder`,
        ),
      );
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { root, names, skipped, limit: TIME_LIMIT_MS, foldsCase: paths.windows },
    });
    worker.once('message', (found: readonly string[] | null) => {
      void worker.terminate();
      if (found === null) return fail(`it takes more than ${TIME_LIMIT_MS / 1000} s`);
      resolve({ found: found.map((place) => path.join(root, decodePath(Buffer.from(place, 'latin1')))) });
    });
    worker.once('error', (error) => fail(error.message));
    worker.once('exit', () => fail('the thread that looks has ended'));
  });
}

/** Reads names as Latin-1, which keeps every byte. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const fs = require('node:fs');
const { root, limit } = workerData;
const key = workerData.foldsCase ? (name) => name.toUpperCase() : (name) => name;
const latin = (text) => key(Buffer.from(text).toString('latin1'));
const names = new Set(workerData.names.map(latin));
const skipped = new Set(workerData.skipped.map(latin));
const start = Buffer.from(root + '/');
const end = Date.now() + limit;
const found = [];
let level = [''];
let late = false;
while (level.length > 0 && !late) {
  const next = [];
  for (const folder of level) {
    if (Date.now() > end) { late = true; break; }
    let entries;
    try {
      entries = fs.readdirSync(Buffer.concat([start, Buffer.from(folder, 'latin1')]), { withFileTypes: true, encoding: 'latin1' });
    } catch { continue; }
    for (const entry of entries) {
      if (names.has(key(entry.name))) found.push(folder + entry.name);
      else if (entry.isDirectory() && !skipped.has(key(entry.name))) next.push(folder + entry.name + '/');
    }
  }
  level = next;
}
parentPort.postMessage(late ? null : found);
`;
