import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeNewForUser } from '../../system/files/private-files.js';

/** Identifies the installation for endpoints and clients; shared with the official program. */
export function installationId(codexHome: string): string {
  const file = path.join(codexHome, 'installation_id');
  try {
    const id = fs.readFileSync(file, 'utf8').trim();
    if (id !== '') return id;
  } catch {
    // The file does not exist yet: it is created below.
  }
  const id = (own ??= randomUUID());
  try {
    writeNewForUser(file, id);
  } catch {
    // Another program was faster, or the home is not writable: the id is valid for this process only.
  }
  return id;
}

/** One for all calls, if the home cannot be written. */
let own: string | undefined;
