/** Exchanges a folder for a link and back, until the process that started this thread ends it. */
import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

export interface ExchangeData {
  readonly folder: string;
  readonly aside: string;
  readonly outside: string;
}

const { folder, aside, outside } = workerData as ExchangeData;
let isFirst = true;
for (;;) {
  // Each step may fail: the folder is copied onto and removed at the same time. What is aside here is a second one.
  attempt(() => fs.rmSync(aside, { recursive: true, force: true }));
  attempt(() => fs.renameSync(folder, aside));
  attempt(() => fs.symlinkSync(outside, folder));
  attempt(() => fs.unlinkSync(folder));
  attempt(() => fs.renameSync(aside, folder));
  if (isFirst) parentPort?.postMessage('started');
  isFirst = false;
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The other program was first.
  }
}
