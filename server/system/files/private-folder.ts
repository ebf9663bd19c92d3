/** Folders for secrets and records, which other users may not read. */
import fs from 'node:fs';

/** Whether files have modes and owners by number; Windows has access lists instead (windows/private-folder.ts). */
export const HAS_MODES = process.platform !== 'win32';

/**
 * Makes a folder of this user alone; one that exists keeps its mode. On Windows a new one gets an access list of its
 * own, which its files inherit. Throws `machine.scratch` there, and what the file system throws.
 */
export async function makeFolderForUser(folder: string): Promise<void> {
  const made = await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined || HAS_MODES) return;
  const { closeToOthers } = await import('../windows/private-folder.js');
  closeToOthers(made);
}
