/** Removes files that a command may have created and that programs outside of its sandbox would obey. */
import fs from 'node:fs';
import { describe } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import { nativePath } from '../../system/files/path-bytes.js';

/** `files`: `unwanted` of a plan. Never throws. */
export function removeUnwanted(files: readonly string[], log: Pick<Logger, 'warn'>): void {
  for (const file of files) {
    try {
      if (!fs.lstatSync(nativePath(file), { throwIfNoEntry: false })) continue;
      fs.rmSync(nativePath(file), { recursive: true, force: true });
      log.warn(`a command made ${file}, which would lead git to another configuration; it has been removed`);
    } catch (error) {
      log.warn(...describe(`${file}, which a command made, cannot be removed`, error));
    }
  }
}
