/**
 * A file that the daemon writes because the command line names it.
 *
 * Threat: `codexd exec -o answer.txt`, and a command of the model makes `answer.txt`, or a folder above it, a link to
 * `~/.bashrc`. The daemon has no sandbox, and it writes the words of the model.
 * Rule: the file is opened once, before the first command runs, below the descriptor of its folder. Neither a link at
 * its name nor a link in a folder where commands can write is followed. It must be a regular file with one name. Only
 * that descriptor is written. If the name leads to another file at the end, that is an error, and nothing is written.
 * Scope: also links from earlier sessions: they are refused at the start.
 * Non-scope: descriptors of the user's shell (`/dev/stdout`, `/dev/fd/3`, `/dev/null`): no command can change them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { FileRefused, idAt, idOf } from './open-file.js';
import { isLink, openFolder, type OpenedFolder, type MayFollow } from './open-folder.js';
import { isDevicePath, paths } from './paths.js';
import { startFileForUser } from './private-files.js';

export interface OutputFile {
  /** Absolute, as given. */
  readonly file: string;
  /** Makes `content` the whole content. Throws FileRefused if the name leads to another file now. */
  replace(content: string): void;
  /** Appends to the written content. Throws as `replace`. */
  append(content: string): void;
  close(): void;
}

export interface OutputOptions {
  /** Absolute. */
  readonly file: string;
  /** The mode of a new file. */
  readonly mode: number;
  readonly mayFollow: MayFollow;
}

const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/**
 * Opens the file, or makes an empty one. An existing file keeps its content until `replace`. Throws what the file
 * system throws, or FileRefused. Must be closed.
 */
export function openOutput({ file, mode, mayFollow }: OutputOptions): OutputFile {
  if (isDevicePath(file)) throw new FileRefused('not-a-file', file, 'is not a file');
  if (isOwnDescriptor(file)) return stream(file, fs.openSync(file, O_WRONLY));
  const folder = openFolder(path.dirname(file), mayFollow);
  try {
    const name = path.basename(file);
    // O_NONBLOCK: a FIFO without a reader is an error (ENXIO) instead of a wait.
    const fd = openBelow(folder, name, file, mode);
    try {
      assertPlain(fd, file);
      return regular(file, fd, folder, mayFollow);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  } catch (error) {
    folder.close();
    throw error;
  }
}

const isALink = (file: string): FileRefused =>
  new FileRefused('elsewhere', file, 'is a link: name the file itself, or remove the link');

function openBelow(folder: OpenedFolder, name: string, file: string, mode: number): number {
  if (paths.windows && isLink(folder.at(name))) throw isALink(file);
  if (mode === 0o600) startFileForUser(folder.at(name));
  try {
    return fs.openSync(folder.at(name), O_WRONLY | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0), mode);
  } catch (error) {
    if (osCode(error) !== 'ELOOP') throw error;
    throw isALink(file);
  }
}

function assertPlain(fd: number, file: string): void {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) throw new FileRefused('not-a-file', file, 'is not a file');
  if (stat.nlink > 1) {
    throw new FileRefused(
      'elsewhere',
      file,
      `is one of ${stat.nlink} names of the same file: remove it, or name another`,
    );
  }
}

function regular(file: string, fd: number, folder: OpenedFolder, mayFollow: MayFollow): OutputFile {
  const id = idOf(fd);
  let end = 0;
  const assertStillThere = (): void => {
    if (idAt(folder.at(path.basename(file))) === id && sameFolder(path.dirname(file), folder, mayFollow)) return;
    throw new FileRefused('elsewhere', file, 'leads elsewhere since it was opened: nothing was written to it');
  };
  const write = (content: string): void => {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += fs.writeSync(fd, bytes, done, bytes.length - done, end + done);
    end += bytes.length;
  };
  return {
    file,
    replace(content) {
      assertStillThere();
      fs.ftruncateSync(fd, 0);
      end = 0;
      write(content);
    },
    append(content) {
      assertStillThere();
      write(content);
    },
    close() {
      fs.closeSync(fd);
      folder.close();
    },
  };
}

/** Whether the path of the folder still leads to the folder that was opened. */
function sameFolder(asked: string, folder: OpenedFolder, mayFollow: MayFollow): boolean {
  try {
    const now = openFolder(asked, mayFollow);
    now.close();
    return now.id === folder.id;
  } catch {
    return false; // It was removed, or a link must not be followed any more.
  }
}

/**
 * Whether the path is a descriptor that the parent process opened. Such paths are in folders of root and the kernel.
 */
export function isOwnDescriptor(file: string): boolean {
  return /^(?:\/dev\/(?:stdout|stderr|null|tty|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(file);
}

function stream(file: string, fd: number): OutputFile {
  const write = (content: string): void => fs.writeFileSync(fd, content);
  return { file, replace: write, append: write, close: () => fs.closeSync(fd) };
}
