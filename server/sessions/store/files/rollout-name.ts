/** The names of rollout files and of their folders (docs/protocol/threads.md §12.1). */
import path from 'node:path';
import type { ThreadId } from '../records/thread-id.js';

export interface RolloutName {
  readonly id: ThreadId;
  /** The segment's id in a file that a revert created; null for a thread's first file. */
  readonly segment: string | null;
  /**
   * `YYYY-MM-DDTHH-MM-SS`, local time. A file without a timestamp can be read but is not listed
   * (docs/protocol/threads.md §12.3).
   */
  readonly timestamp: string | null;
  readonly compressed: boolean;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const NAME = new RegExp(
  `^rollout-(?:(\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d)-)?(${UUID})(?:_(${UUID}))?\\.jsonl(\\.zst)?$`,
  'i',
);

export const COMPRESSED = '.zst';

/** Parses the name of a rollout file; null: the name is not one. */
export function parseRolloutName(name: string): RolloutName | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, timestamp, id = '', segment, compressed] = match;
  return {
    id: id.toLowerCase(),
    segment: segment?.toLowerCase() ?? null,
    timestamp: timestamp ?? null,
    compressed: compressed !== undefined,
  };
}

/** The name of a file that was created at `createdMs` (milliseconds since the epoch). */
export function rolloutName(id: ThreadId, createdMs: number, segment: string | null = null): string {
  return `rollout-${localTimestamp(createdMs)}-${id}${segment === null ? '' : `_${segment}`}.jsonl`;
}

/** The path of a file made at `createdMs`, in the folder of its day. */
export function rolloutPath(codexHome: string, id: ThreadId, createdMs: number, segment: string | null = null): string {
  return path.join(folderOfDay(codexHome, localTimestamp(createdMs)), rolloutName(id, createdMs, segment));
}

/** The folder `<home>/sessions/YYYY/MM/DD` for the day in a file's name; null: the name has no day. */
export function dayFolder(codexHome: string, name: string): string | null {
  const timestamp = parseRolloutName(name)?.timestamp;
  if (timestamp === undefined || timestamp === null) return null;
  return folderOfDay(codexHome, timestamp);
}

const folderOfDay = (codexHome: string, timestamp: string): string =>
  path.join(sessionsFolder(codexHome), timestamp.slice(0, 4), timestamp.slice(5, 7), timestamp.slice(8, 10));

export const sessionsFolder = (codexHome: string): string => path.join(codexHome, 'sessions');
export const archivedFolder = (codexHome: string): string => path.join(codexHome, 'archived_sessions');

/** The path that clients see: without the `.zst` of the stored form. */
export function plainPath(stored: string): string {
  return stored.endsWith(COMPRESSED) ? stored.slice(0, -COMPRESSED.length) : stored;
}

function localTimestamp(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return (
    `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}` +
    `T${two(date.getHours())}-${two(date.getMinutes())}-${two(date.getSeconds())}`
  );
}
