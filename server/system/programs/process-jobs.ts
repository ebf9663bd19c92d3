/**
 * Sets of processes that the system itself keeps together, so that they end together: job objects, which Windows has.
 * Other systems have none: there a command's processes are searched (exec/end/process-tree.ts).
 */
import type { ProcessJobs } from '../windows/jobs.js';

export type { ProcessJob, ProcessJobs } from '../windows/jobs.js';

/** Whether this system has jobs. */
export const HAS_JOBS = process.platform === 'win32';

/** Only where HAS_JOBS. Throws `machine.native-module` later, with the first job, if the package for it is missing. */
export const processJobs = async (): Promise<ProcessJobs> => (await import('../windows/jobs.js')).jobs;
