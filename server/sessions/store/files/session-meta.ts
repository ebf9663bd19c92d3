/** Checks the first record of a rollout for the members that reading needs (docs/protocol/threads.md §12.2). */
import { type CodexdError } from '../../../errors/codexd-error.js';
import { isObject } from '../../../system/node/objects.js';
import { storeError } from '../records/thread-store.js';
import type { HistoryMode, RecordPayload, SessionMeta } from '../records/rollout-record.js';
import { statIfThere } from '../../../system/files/look.js';

const REQUIRED = ['id', 'timestamp', 'cwd', 'originator', 'cli_version'] as const;
const MODES: readonly unknown[] = [undefined, null, 'legacy', 'paginated'];
const BASE = { thread_id: 'string', end_ordinal_exclusive: 'number', end_byte_offset: 'number' } as const;

/** Throws `thread.unreadable`, which names the file and the member. */
export function checkMeta(payload: RecordPayload, path: string): SessionMeta {
  for (const member of REQUIRED) {
    if (typeof payload[member] !== 'string') throw unreadable(path, `session_meta lacks \`${member}\``);
  }
  if (!MODES.includes(payload['history_mode']))
    throw unreadable(path, `unknown history_mode \`${String(payload['history_mode'])}\``);
  const base = payload['history_base'];
  if (base !== undefined && base !== null) {
    for (const [member, type] of Object.entries(BASE)) {
      if (!isObject(base) || typeof base[member] !== type) throw unreadable(path, `history_base lacks \`${member}\``);
    }
  }
  return { ...payload, id: String(payload['id']).toLowerCase() } as unknown as SessionMeta;
}

export const historyModeOf = (meta: SessionMeta): HistoryMode => meta.history_mode ?? 'legacy';

export function unreadable(path: string, why: string): CodexdError {
  return storeError('thread.unreadable', `failed to read the rollout ${path}: ${why}`);
}

/** The modification time of a file, in milliseconds since the epoch; the current time if the file is missing. */
export function changedAt(path: string): number {
  return Math.trunc(statIfThere(path)?.mtimeMs ?? Date.now());
}
