import type { Caller } from '../../rpc/connection/caller.js';

/**
 * Processes by the ids that clients gave them. Each connection has its own ids, so a client cannot name another
 * connection's process (docs/protocol/exec.md §6.1).
 */
export interface ConnectionProcesses<Process> {
  /**
   * Assigns `id` to the process that `start` starts, until `release`. Returns null and starts nothing when the id is in
   * use.
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
