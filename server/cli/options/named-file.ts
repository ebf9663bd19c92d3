/**
 * Files that the command line names, and that this program reads or writes itself.
 *
 * Threat: such a file is often in a folder where commands may write (the workspace, /tmp). A command of an earlier
 * session may have put a symbolic link there.
 *
 * Rule: a link in such a folder is not followed. A person's own links elsewhere are followed.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { StartError } from '../../errors/start-error.js';
import { FileRefused, openFile, readWhole } from '../../system/files/open-file.js';
import { openFolder, type MayFollow } from '../../system/files/open-folder.js';
import { isOwnDescriptor, openOutput, type OutputFile } from '../../system/files/output-file.js';
import { temporaryFolder } from '../../system/files/scratch.js';

/**
 * `folders`: folders where commands may write, in addition to the current folder and the folders for temporary files.
 */
export function ownLinks(folders: readonly string[]): MayFollow {
  const writable = [process.cwd(), '/tmp', temporaryFolder(), ...folders].flatMap((folder) => realPath(folder) ?? []);
  return (place) =>
    !writable.some(
      (folder) => folder === path.parse(folder).root || place === folder || place.startsWith(folder + path.sep),
    );
}

/** Opens the file for writing, once. Throws the file system's error, or FileRefused. */
export function openNamedOutput(file: string, mode: number, folders: readonly string[] = []): OutputFile {
  return openOutput({ file: path.resolve(file), mode, mayFollow: ownLinks(folders) });
}

/** Call it before any command runs. Throws StartError. */
export function openCassette(file: string): OutputFile {
  try {
    return openNamedOutput(file, 0o600);
  } catch (error) {
    throw new StartError(`the cassette ${file} cannot be written: ${messageOf(error)}`);
  }
}

/**
 * The complete text, also of the caller's pipe. Throws the file system's error, or FileRefused, also above `limit`
 * bytes.
 */
export function readNamedFile(file: string, limit: number, folders: readonly string[] = []): string {
  const named = path.resolve(file);
  if (isOwnDescriptor(named)) return fs.readFileSync(named, 'utf8');
  const folder = openFolder(path.dirname(named), ownLinks(folders));
  try {
    const opened = openFile(folder.at(path.basename(named)));
    try {
      const plain = path.join(folder.real, path.basename(named));
      if (opened.real !== plain && !ownLinks(folders)(folder.real)) {
        throw new FileRefused(
          'elsewhere',
          file,
          `is a link to ${opened.real}, which commands could have made: name that file itself`,
        );
      }
      return readWhole(opened, limit).toString();
    } finally {
      opened.close();
    }
  } finally {
    folder.close();
  }
}

function realPath(folder: string): string | null {
  try {
    return fs.realpathSync(folder);
  } catch {
    return null; // A missing path contains no links.
  }
}
