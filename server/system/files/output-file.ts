/**
 * A file that the daemon writes because a command line named it.
 *
 * Threat: `codexd exec -o answer.txt`, and a command of the model makes `answer.txt`, or a folder above it, a link to
 * `~/.bashrc`. The daemon is in no sandbox, and what it writes is the model's own words.
 * Rule: the file is opened once, before the first command runs: below the descriptor of its folder, never through a
 * link under its name, never through a link in a folder where commands may write; it is a regular file with one name.
 * It is written by that descriptor alone. When its name leads elsewhere at the end, that is an error, and nothing is
 * written.
 * Scope: also what was prepared before this program ran: a link that an earlier session left is refused at the start.
 * Non-scope: what the user's own shell has open (`/dev/stdout`, `/dev/fd/3`, `/dev/null`): no command can turn that.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FileRefused, idAt, idOf } from './open-file.js';
import { openFolder, type OpenedFolder, type MayFollow } from './open-folder.js';

export interface OutputFile {
  /** Absolute, as it was named. */
  readonly file: string;
  /** Makes this the whole content. Throws FileRefused when the name leads elsewhere by now. */
  replace(content: string): void;
  /** Writes behind what was written. Throws as `replace`. */
  append(content: string): void;
  close(): void;
}

export interface OutputOptions {
  /** Absolute. */
  readonly file: string;
  /** Of a file that is made. */
  readonly mode: number;
  readonly mayFollow: MayFollow;
}

const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/**
 * Opens the file, or makes it, empty; an existing one keeps its content until `replace`. Throws what the file system
 * says, or FileRefused. Must be closed.
 */
export function openOutput({ file, mode, mayFollow }: OutputOptions): OutputFile {
  if (isOwnDescriptor(file)) return stream(file, fs.openSync(file, O_WRONLY));
  const folder = openFolder(path.dirname(file), mayFollow);
  try {
    const name = path.basename(file);
    // Not waiting: a FIFO without a reader is an error (ENXIO), and no file.
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

function openBelow(folder: OpenedFolder, name: string, file: string, mode: number): number {
  try {
    return fs.openSync(folder.at(name), O_WRONLY | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0), mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
    throw new FileRefused('elsewhere', file, 'is a link: name the file itself, or remove the link');
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
    return false; // It is gone, or may not be followed any more.
  }
}

/** What whoever started this program opened for it. The names lie in folders of root and of the kernel. */
export function isOwnDescriptor(file: string): boolean {
  return /^(?:\/dev\/(?:stdout|stderr|null|tty|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(file);
}

function stream(file: string, fd: number): OutputFile {
  const write = (content: string): void => fs.writeFileSync(fd, content);
  return { file, replace: write, append: write, close: () => fs.closeSync(fd) };
}
