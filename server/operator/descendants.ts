/** The processes below one process of this machine, from /proc: what an operator sees of a command. */
import fs from 'node:fs/promises';
import { invalidRequest } from '../errors/rpc-error.js';
import type { OperatorProcess } from '../../schema/protocol/operator/commands.js';

/** Throws RpcError on systems without /proc. A process that ends meanwhile is left out. */
export async function descendantsOf(pid: number): Promise<readonly OperatorProcess[]> {
  if (process.platform !== 'linux') throw invalidRequest('the processes of a command are listed on Linux only');
  const all = new Map<number, OperatorProcess>();
  const names = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      const found = parseStat(await fs.readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''));
      if (found !== null) all.set(found.pid, found);
    }),
  );
  const children = new Map<number, OperatorProcess[]>();
  for (const one of all.values()) children.set(one.parentPid, [...(children.get(one.parentPid) ?? []), one]);
  const first = all.get(pid);
  const found = first === undefined ? [] : [first];
  for (const { pid: parent } of found) found.push(...(children.get(parent) ?? []));
  return found;
}

/** `pid (name) state ppid …` (proc(5)); the name may contain anything. */
export function parseStat(stat: string): OperatorProcess | null {
  const [, pid, program, parentPid] = /^(\d+) \(([^]*)\) \S (\d+)/.exec(stat) ?? [];
  if (pid === undefined || program === undefined || parentPid === undefined) return null;
  return { pid: Number(pid), parentPid: Number(parentPid), program };
}
