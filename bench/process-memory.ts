import { readdirSync, readFileSync } from 'node:fs';

/** `VmRSS`: resident memory now. `VmHWM`: its highest value (proc(5), status). */
export type MemoryField = 'VmRSS' | 'VmHWM';

/** Memory of every process below this one that `before` does not name, in MiB. */
export function memoryOfNew(before: ReadonlySet<number>, field: MemoryField): number {
  const kib = descendants(process.pid)
    .filter((pid) => !before.has(pid))
    .reduce((sum, pid) => sum + fieldKib(pid, field), 0);
  if (kib === 0) throw new Error('no process found');
  return kib / 1024;
}

/** Every process below `pid`, from /proc (proc(5): the fourth field of stat is the parent). */
export function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number] => [Number(name), Number(/\) \S (\d+)/.exec(readProc(name, 'stat'))?.[1])]);
  const below = (parent: number): number[] =>
    parents.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

const fieldKib = (pid: number, field: MemoryField): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readProc(String(pid), 'status'))?.[1] ?? 0);

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // The process has ended.
  }
}
