/**
 * The clock of the kernel's file stamps. It does not advance between two ticks (1 to 10 ms, and longer on a virtual
 * machine that was not scheduled). So the system's time predicts the stamp of a new file only roughly. The stamp of a
 * file that the daemon changes now is exact: later changes never get an earlier stamp.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface StampClock {
  /** In milliseconds since the epoch, with the precision of a stamp. Null: the clock cannot be read. */
  now(): number | null;
}

/** A file system with a clock of its own (a network share) may be off by more than any tick. In milliseconds. */
const MOST_APART_MS = 50;

/** `folder`: exists, and only this user can write there. */
export function createStampClock(folder: string): StampClock {
  let descriptor: number | undefined;
  let length = 0;
  return {
    now() {
      try {
        descriptor ??= fs.openSync(path.join(folder, 'clock'), 'a', 0o600);
        // Each change of its length gives it a new stamp. Newer kernels (6.13) stamp changes precisely if a stamp of
        // the same tick was read before, and never stamp a later change earlier. This is the reason for the second
        // change.
        let stamp = 0;
        for (let change = 0; change < 2; change++) {
          fs.ftruncateSync(descriptor, (length ^= 1));
          stamp = fs.fstatSync(descriptor).ctimeMs;
        }
        return Math.abs(stamp - Date.now()) <= MOST_APART_MS ? stamp : null;
      } catch {
        return null; // A full disk, for example. The caller has a rule for that.
      }
    },
  };
}
