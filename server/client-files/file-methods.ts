/**
 * fs/*: files for clients (docs/protocol/services.md §1). They have the rights of the daemon and no sandbox: the client
 * owns the daemon, and can start any command with `process/spawn`.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '../log/log.js';
import type { Caller, RequestContext } from '../rpc/connection/caller.js';
import { defineMethods } from '../rpc/connection/define-methods.js';
import { syncFolder } from '../system/files/sync.js';
import { createKeyedTurns } from '../system/node/keyed-turns.js';
import { base64Content } from './base64-content.js';
import { copy } from './copy.js';
import { fileCall, filePath } from './file-errors.js';
import { createLargeReads, LARGE_BYTES } from './large-reads.js';
import { entriesOf, metadataOf } from './look.js';
import { makeFolders } from './make-folder.js';
import { readFile, sizeToRead } from './read-file.js';
import { remove } from './remove.js';
import { createWatches } from './watch/watches.js';
import { writeFile } from './write-file.js';

export interface FileDeps {
  readonly log: Logger;
}

export const fileMethods = defineMethods(({ log }: FileDeps) => {
  /** Of those who write or copy one file, one works at a time, and readers wait. */
  const writers = createKeyedTurns();
  const largeReads = createLargeReads();
  const watches = createWatches({ log });

  /** The place of a large file is free again when its client has taken it, or is gone. */
  const readLarge = async (file: string, size: number, caller: Caller, { afterAnswer }: RequestContext) => {
    const leave = await largeReads.enter(size, caller);
    const end = (): void => {
      caller.closed.removeEventListener('abort', end);
      leave();
    };
    try {
      const content = await readFile(file, writers);
      caller.closed.addEventListener('abort', end);
      afterAnswer(() => void caller.drained().then(end));
      if (caller.closed.aborted) end();
      return content;
    } catch (error) {
      end();
      throw error;
    }
  };

  return {
    'fs/readFile': (params, caller, context) =>
      fileCall(async () => {
        const file = filePath(params.path);
        const size = await sizeToRead(file);
        return size > LARGE_BYTES ? readLarge(file, size, caller, context) : readFile(file, writers);
      }),
    'fs/writeFile': (params) =>
      fileCall(async () => {
        const content = await base64Content(params.dataBase64, 'fs/writeFile requires valid base64 dataBase64: ');
        await writeFile(filePath(params.path), content, writers);
        return {};
      }),
    'fs/createDirectory': ({ path: given, recursive }) =>
      fileCall(async () => {
        const folder = filePath(given);
        if (recursive === false) await fs.promises.mkdir(folder);
        else if (!(await makeFolders(folder))) return {};
        await syncFolder(path.dirname(folder));
        return {};
      }),
    'fs/getMetadata': (params) => fileCall(() => metadataOf(filePath(params.path))),
    'fs/readDirectory': (params) => fileCall(async () => ({ entries: [...(await entriesOf(filePath(params.path)))] })),
    'fs/remove': ({ path: given, recursive, force }) =>
      fileCall(async () => {
        await remove(filePath(given), { recursive: recursive ?? true, force: force ?? true });
        return {};
      }),
    'fs/copy': ({ sourcePath, destinationPath, recursive }) =>
      fileCall(async () => {
        await copy(filePath(sourcePath), filePath(destinationPath), recursive, writers);
        return {};
      }),
    'fs/watch': (params, caller) =>
      fileCall(async () => {
        const watched = filePath(params.path);
        await watches.add(params.watchId, watched, caller);
        return { path: watched };
      }),
    'fs/unwatch': ({ watchId }, caller) => {
      watches.remove(watchId, caller);
      return {};
    },
  };
});
