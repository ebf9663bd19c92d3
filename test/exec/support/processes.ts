import fs from 'node:fs';

/** A number that occurs nowhere else on this machine, so that `sleep ${marker()}` can be found by it. */
export const marker = (): string => String(70_000 + Math.floor(Math.random() * 9e6));

/** Ids of the processes with `text` in their command line (words separated by NUL). */
export function alive(text: string): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}
