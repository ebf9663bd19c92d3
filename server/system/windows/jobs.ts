/**
 * The ends of processes on Windows, by job objects: a process that is in a job cannot leave it, and neither can what it
 * starts.
 *
 * Two jobs hold a command. The daemon itself is in the first one, so that all its children are from their start; it
 * ends with the daemon, also if the daemon is killed. The second one is the command's own, for its end.
 *
 * Non-scope: what a command starts between its own start and its entry into its job, which follow each other without a
 * pause; it ends with the daemon. Windows before version 8, which has no jobs within jobs.
 */
import { randomUUID } from 'node:crypto';
import { CodexdError } from '../../errors/codexd-error.js';
import { ERROR_SUCCESS, win32, type Handle } from './win32.js';

/** The processes of one command. */
export interface ProcessJob {
  /** Its name in this session: with it, another process of this user adds a process. Nobody can guess it. */
  readonly name: string;
  /** Adds a process, with all that it starts from now on. A process that has ended is ignored. Throws `machine.job`. */
  add(pid: number): void;
  /** Kills all of them. Never throws. */
  kill(): void;
  /** How many live. */
  living(): number;
  /** The ids of those that live; none when the job is closed or cannot be asked. */
  pids(): readonly number[];
  /** Kills all of them and forgets the job. Idempotent. */
  close(): void;
}

export interface ProcessJobs {
  /** From now on, all processes that this one starts end with it, however it ends. Idempotent. Throws `machine.job`. */
  guard(): void;
  /** A new, empty job. Throws `machine.job`. */
  create(): ProcessJob;
}

/** The exit code of a killed process: that of the official program, which uses TerminateProcess. */
const KILLED = 1;

let guarded = false;

const failed = (what: string, code: number): CodexdError =>
  new CodexdError('machine.job', `${what} (os error ${code}): commands could outlive their end`);

export const jobs: ProcessJobs = {
  guard() {
    if (guarded) return;
    const { createJob, assignToJob, currentProcess } = win32();
    // Never closed: Windows closes it with this process, and then kills what is left.
    const job = made(createJob(null));
    const code = assignToJob(job, currentProcess());
    if (code !== ERROR_SUCCESS) throw failed('this process cannot be put into a job', code);
    guarded = true;
  },
  create() {
    const name = `Local\\codexd-${randomUUID()}`;
    return createJob(name, made(win32().createJob(name)));
  },
};

function made(job: Handle): Handle {
  if (job === 0) throw failed('a job cannot be made', 0);
  return job;
}

function createJob(name: string, job: Handle): ProcessJob {
  let open = true;
  return {
    name,
    add(pid) {
      const { openProcess, assignToJob, closeHandle } = win32();
      const process = openProcess(pid);
      if (process === 0) return; // It has ended already.
      try {
        const code = assignToJob(job, process);
        // A process that has ended meanwhile cannot be assigned, and needs no end.
        if (code !== ERROR_SUCCESS && code !== ERROR_ACCESS_DENIED)
          throw failed(`process ${pid} cannot be put into a job`, code);
      } finally {
        closeHandle(process);
      }
    },
    kill: () => void (open && win32().terminateJob(job, KILLED)),
    living: () => (open ? (win32().livingInJob(job) ?? 0) : 0),
    pids: () => (open ? (win32().pidsInJob(job) ?? []) : []),
    close() {
      if (!open) return;
      open = false;
      win32().closeHandle(job);
    },
  };
}

/** winerror.h; also the answer for a process that is ending. */
const ERROR_ACCESS_DENIED = 5;
