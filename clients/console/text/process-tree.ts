/** The processes of a command, each below its parent. */
import type { RequestResult } from '../../../schema/registry.js';

type Process = RequestResult<'operator/commands/tree'>['data'][number];
export type Branch = Process & { readonly depth: number };

/** In the order of a tree. A process whose parent is not in the list is at the top; a circle is cut. */
export function treeOf(processes: readonly Process[]): readonly Branch[] {
  const known = new Set(processes.map(({ pid }) => pid));
  const branches: Branch[] = [];
  const seen = new Set<number>();
  const visit = (process: Process, depth: number): void => {
    if (seen.has(process.pid)) return;
    seen.add(process.pid);
    branches.push({ ...process, depth });
    for (const child of processes) if (child.parentPid === process.pid) visit(child, depth + 1);
  };
  for (const process of processes) if (!known.has(process.parentPid)) visit(process, 0);
  for (const process of processes) visit(process, 0);
  return branches;
}
