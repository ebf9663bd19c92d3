/**
 * Files that a command line names, to be written or read by this program itself.
 *
 * Threat: they often lie where commands may write (the workspace, /tmp), and a command of an earlier session may have
 * left a link there.
 * Rule: a link that lies in such a folder is not followed; a person's own links elsewhere are.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { StartError } from '../../errors/start-error.js';
import { FileRefused, openFile, readWhole } from '../../system/files/open-file.js';
import { openFolder, type MayFollow } from '../../system/files/open-folder.js';
import { isOwnDescriptor, openOutput, type OutputFile } from '../../system/files/output-file.js';
import { temporaryFolder } from '../../system/files/scratch.js';

/** `folders`: where commands may write besides this folder and those for temporary files. */
export function ownLinks(folders: readonly string[]): MayFollow {
  const writable = [process.cwd(), '/tmp', temporaryFolder(), ...folders].flatMap((folder) => realPath(folder) ?? []);
  return (place) =>
    !writable.some(
      (folder) => folder === path.parse(folder).root || place === folder || place.startsWith(folder + path.sep),
    );
}

/** Opens the file for writing, once. Throws what the file system says, or FileRefused. */
export function openNamedOutput(file: string, mode: number, folders: readonly string[] = []): OutputFile {
  return openOutput({ file: path.resolve(file), mode, mayFollow: ownLinks(folders) });
}

/** To be called before any command runs. Throws StartError. */
export function openCassette(file: string): OutputFile {
  try {
    return openNamedOutput(file, 0o600);
  } catch (error) {
    throw new StartError(`the cassette ${file} cannot be written: ${messageOf(error)}`);
  }
}

/**
 * The whole text, of a pipe of the caller's too. Throws what the file system says, or FileRefused, above `limit` bytes
 * too.
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
    return null; // What is not there holds no links.
  }
}
