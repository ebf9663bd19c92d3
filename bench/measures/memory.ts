import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Measure } from '../measure.js';
import { makePlace, start } from '../targets.js';

/** Until what a program does right after its first answer is done. */
const SETTLE_MS = 700;

/** Resident memory of the program and every process that it started, a moment after `initialize` was answered. */
export const memory: Measure = {
  name: 'memory',
  title: 'resident memory after initialize',
  unit: 'MiB',
  budget: { atMost: 0.8 },
  rounds: 5,
  warmUp: 1,
  prepare: (target) => {
    const place = makePlace(target, 'plain');
    return Promise.resolve({
      sample: async () => {
        const before = new Set(descendants(process.pid));
        const client = await start(target, place);
        await sleep(SETTLE_MS);
        const kib = descendants(process.pid)
          .filter((pid) => !before.has(pid))
          .reduce((sum, pid) => sum + residentKib(pid), 0);
        await client.close();
        if (kib === 0) throw new Error(`${target.name}: no process found`);
        return kib / 1024;
      },
      close: () => Promise.resolve(place.remove()),
    });
  },
};

/** Every process below `pid`, from /proc (proc(5): the fourth field of stat is the parent). */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number] => [Number(name), Number(/\) \S (\d+)/.exec(readProc(name, 'stat'))?.[1])]);
  const below = (parent: number): number[] =>
    parents.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

const residentKib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(String(pid), 'status'))?.[1] ?? 0);

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}
