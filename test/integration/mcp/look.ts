/** What scripts and tests about MCP servers see of a daemon from outside. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestDaemon } from '../../fixtures/daemon.js';

/** The current value of a metric by its name with labels; NaN: there is none. */
export async function metricsOf({ url }: Pick<TestDaemon, 'url'>): Promise<(name: string) => number> {
  const text = await (await fetch(`${url.replace('ws:', 'http:')}/metrics`)).text();
  const values = new Map(
    text.split('\n').map((line): [string, number] => {
      const blank = line.lastIndexOf(' ');
      return [line.slice(0, blank), Number(line.slice(blank + 1))];
    }),
  );
  return (name) => values.get(name) ?? Number.NaN;
}

export interface SeenProcess {
  readonly pid: number;
  readonly line: string;
}

/** Living processes with `part` in their command line. */
export const processesWith = (part: string): SeenProcess[] =>
  fs.readdirSync('/proc').flatMap((name): SeenProcess[] => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const line = textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ');
    return line.includes(part) ? [{ pid: Number(name), line }] : [];
  });

/** The same, of those that descend from `ancestor`. */
export function processesBelow(ancestor: number, part: string): SeenProcess[] {
  const parentOf = (pid: number): number => {
    const stat = textOf(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  };
  const isBelow = (pid: number): boolean => {
    const parent = parentOf(pid);
    return parent === ancestor || (parent > 1 && isBelow(parent));
  };
  return processesWith(part).filter(({ pid }) => isBelow(pid));
}

/** Empty for what is gone meanwhile. */
function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

type Ends = { teardown(end: () => unknown): void };

/** Runs a script with a folder of its own, and what it leaves to be ended. Returns the exit code. */
export async function inFolder(work: (t: Ends, folder: string) => Promise<void>): Promise<number> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-mcp-')));
  const ends: (() => unknown)[] = [() => fs.rmSync(folder, { recursive: true, force: true })];
  try {
    await work({ teardown: (end) => void ends.push(end) }, folder);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
