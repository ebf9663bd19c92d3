import type { Caller } from '../../rpc/connection/caller.js';

/**
 * Processes by the ids that clients gave them. Every connection has ids of its own: another's process cannot be named
 * (docs/protocol/exec.md §6.1).
 */
export interface ConnectionProcesses<Process> {
  /**
   * Makes `id` name the process that `start` starts, until `release` is called. null, and nothing is started, when it
   * names one already.
   */
  claim(caller: Caller, id: string, start: () => Process): Claim<Process> | null;
  find(caller: Caller, id: string): Process | undefined;
}

export interface Claim<Process> {
  readonly process: Process;
  release(): void;
}

export function createConnectionProcesses<Process>(): ConnectionProcesses<Process> {
  const connections = new Map<number, Map<string, Process>>();
  return {
    claim: ({ connectionId }, id, start) => {
      const ids = connections.get(connectionId) ?? new Map<string, Process>();
      if (ids.has(id)) return null;
      const process = start();
      connections.set(connectionId, ids.set(id, process));
      return {
        process,
        release: () => {
          ids.delete(id);
          if (!ids.size && connections.get(connectionId) === ids) connections.delete(connectionId);
        },
      };
    },
    find: ({ connectionId }, id) => connections.get(connectionId)?.get(id),
  };
}
