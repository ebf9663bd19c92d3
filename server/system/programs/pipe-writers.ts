/** Finds the processes that could still write to a pipe that this process reads, by proc(5). */
import { osCode } from '../../errors/os-code.js';
import fs from 'node:fs';
import { readProcess } from '../linux/process-table.js';

/** include/uapi/asm-generic/fcntl.h. */
const O_ACCMODE = 3;

export interface PipeWriter {
  readonly pid: number;
  /** The content of /proc/PID/comm; '' if it cannot be read. */
  readonly name: string;
}

/**
 * Null: only an ancestor of this process can write, or a process outside of this process namespace. Otherwise a process
 * that writes, or whose descriptors cannot be read. `unknown`: it cannot be determined.
 */
export function writerBeside(fd: number): PipeWriter | null | 'unknown' {
  const pipe = statOf(fd);
  // Programs create socket pairs for their children. Shells create pipes.
  if (pipe?.isSocket() === true) return null;
  if (pipe?.isFIFO() !== true || process.platform !== 'linux') return 'unknown';
  const others = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const ancestors = ancestorsOf(process.pid);
  const session = readProcess(process.pid)?.session;
  for (const name of others) {
    const pid = Number(name);
    if (ancestors.has(pid)) continue;
    const writes = holdsForWriting(pid, pipe);
    // Another user's process of this terminal or script, such as `sudo` in a pipeline.
    if (writes === true || (writes === null && readProcess(pid)?.session === session)) {
      return { pid, name: nameOf(pid) };
    }
  }
  return null;
}

function statOf(fd: number): fs.Stats | null {
  try {
    return fs.fstatSync(fd);
  } catch {
    return null; // A closed descriptor.
  }
}

function ancestorsOf(pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  const parentOf = (of: number): number => readProcess(of)?.parent ?? 0;
  for (let at = parentOf(pid); at > 0 && !found.has(at); at = parentOf(at)) found.add(at);
  return found;
}

/** Null: its descriptors cannot be read. A process that ends meanwhile does not write. */
function holdsForWriting(pid: number, pipe: fs.Stats): boolean | null {
  let names: string[];
  try {
    names = fs.readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    return osCode(error) === 'EACCES' ? null : false;
  }
  return names.some((name) => {
    try {
      const { dev, ino } = fs.statSync(`/proc/${pid}/fd/${name}`);
      if (ino !== pipe.ino || dev !== pipe.dev) return false;
      const flags = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8'))?.[1] ?? '0';
      return (parseInt(flags, 8) & O_ACCMODE) !== fs.constants.O_RDONLY;
    } catch {
      return false; // Closed meanwhile.
    }
  });
}

function nameOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
