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
import { entriesOf, metadataOf } from './look.js';
import { makeFolders } from './make-folder.js';
import { readFile, sizeToRead } from './read-file.js';
import { remove } from './remove.js';
import { createWatches } from './watch/watches.js';
import { writeFile } from './write-file.js';

export interface FileDeps {
  readonly log: Logger;
}

/** A larger file is read when the connection has been sent what came before it. */
const LARGE_BYTES = 8 * 1024 * 1024;

export const fileMethods = defineMethods(({ log }: FileDeps) => {
  /** Of those who write or copy one file, one works at a time, and readers wait. */
  const writers = createKeyedTurns();
  /** By connection. */
  const largeReads = createKeyedTurns();
  const watches = createWatches({ log });

  /** Of the large files for one connection, one is in memory at a time. */
  const whenThereIsRoom = async (size: number, caller: Caller, { afterAnswer }: RequestContext): Promise<void> => {
    if (size <= LARGE_BYTES) return;
    const leave = await largeReads.enter([String(caller.connectionId)]);
    afterAnswer(leave);
    await caller.drained();
  };

  return {
    'fs/readFile': (params, caller, context) =>
      fileCall(async () => {
        const file = filePath(params.path);
        await whenThereIsRoom(await sizeToRead(file), caller, context);
        return readFile(file, writers);
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
