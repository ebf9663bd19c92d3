import fs from 'node:fs';
import { until } from '../../fixtures/until.js';

/** Processes with `marker` in their command line or environment, with their command lines. Zombies have neither. */
export function leftovers(marker: string): string[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const line = read(`/proc/${pid}/cmdline`);
      const marked = line.includes(marker) || read(`/proc/${pid}/environ`).includes(marker);
      return marked ? [`${pid} ${line.replaceAll('\0', ' ').slice(0, 200)}`] : [];
    });
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return ''; // Gone, or another user's.
  }
}

/** leftovers(), once there are none or `patienceMs` is over. */
export async function leftoversAfter(marker: string, patienceMs: number): Promise<string[]> {
  let left: string[] = [];
  const none = until(() => (left = leftovers(marker)).length === 0, 'none is left', patienceMs);
  await none.catch(() => undefined);
  return left;
}

/** Ends the processes of a failed round, so that they do not affect the next one. */
export function killLeft(left: readonly string[]): void {
  for (const line of left) {
    try {
      process.kill(parseInt(line, 10), 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  }
}
