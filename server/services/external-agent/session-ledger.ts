/** Which sessions were imported: a file of the home, which the official program uses, too. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { changeFile } from '../../system/files/change-file.js';
import { isObject } from '../../system/node/objects.js';
import { readObject } from './source-files.js';

export interface LedgerRecord {
  readonly source_path: string;
  readonly content_sha256: string;
  readonly imported_thread_id: string;
  /** Seconds since the epoch. */
  readonly imported_at: number;
  readonly [more: string]: unknown;
}

const NAME = 'external_agent_session_imports.json';

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** By the path of the source. A ledger that cannot be read is empty: sessions are offered again. */
export function readLedger(codexHome: string): ReadonlyMap<string, LedgerRecord> {
  const { records } = readObject({ confined: null }, path.join(codexHome, NAME));
  const found = new Map<string, LedgerRecord>();
  for (const record of Array.isArray(records) ? records : []) {
    if (isRecord(record)) found.set(record.source_path, record);
  }
  return found;
}

function isRecord(value: unknown): value is LedgerRecord {
  return (
    isObject(value) &&
    ['source_path', 'content_sha256', 'imported_thread_id'].every((key) => typeof value[key] === 'string')
  );
}

/** Replaces the record of that source; what others keep in the file stays. Throws what the file system throws. */
export async function noteImport(codexHome: string, record: LedgerRecord): Promise<void> {
  await changeFile({
    file: path.join(codexHome, NAME),
    staging: codexHome,
    lockName: `.${NAME}.lock`,
    render(text) {
      const before: unknown = text.trim() === '' ? {} : JSON.parse(text);
      const ledger = isObject(before) ? before : {};
      const records: readonly unknown[] = Array.isArray(ledger['records']) ? ledger['records'] : [];
      const others = records.filter((one) => !(isObject(one) && one['source_path'] === record.source_path));
      const next = { records: [], detected_connector_records: [], ...ledger };
      return JSON.stringify({ ...next, records: [...others, record] }, null, 2);
    },
  });
}
