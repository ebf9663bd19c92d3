/**
 * Ends a command with all the processes that it started, where the system keeps them together (Windows): the form of
 * process-tree.ts that needs no search.
 */
import type { ProcessJob } from '../../system/programs/process-jobs.js';
import type { ProcessTree } from './process-tree.js';

const RETRY_MS = 5;

/** `mark`: as in createProcessTree. The tree closes the job when nothing of the command is left. */
export function createJobTree(mark: string, job: ProcessJob): ProcessTree {
  let exited = true;
  let exit: Promise<unknown> = Promise.resolve();
  const gone = (): boolean => exited && job.living() === 0;
  const kill = (): boolean => {
    job.kill();
    return gone();
  };
  const killAndWait = async (patienceMs: number): Promise<boolean> => {
    const until = Date.now() + patienceMs;
    let ended = kill();
    while (!ended && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      ended = kill();
    }
    // What does not end in this time is killed again by the close.
    job.close();
    return ended;
  };
  return {
    mark,
    job: job.name,
    started: (pid, ended) => {
      exited = false;
      exit = ended.finally(() => (exited = true));
      try {
        job.add(pid);
      } catch (error) {
        process.kill(pid);
        throw error;
      }
    },
    contains: (pid) => job.pids().includes(pid),
    kill,
    killAndWait,
    abandon: async (patienceMs) => {
      kill();
      await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
      return killAndWait(patienceMs);
    },
  };
}
