/**
 * The part of a session_meta that a row stores: the members that lists show and filter by. Equal texts share memory.
 */
import path from 'node:path';
import type { SessionMeta } from '../store/records/rollout-record.js';

export function listedMeta(meta: SessionMeta): SessionMeta {
  const { id, timestamp, source = null, git = null, history_mode: mode = null } = meta;
  const { forked_from_id: forkedFrom = null, history_base: base = null } = meta;
  return {
    id,
    timestamp,
    // Normalised without reading the disk, because lists show it and filter by it (docs/protocol/threads.md §4).
    cwd: shared(path.isAbsolute(meta.cwd) ? path.resolve(meta.cwd) : meta.cwd),
    originator: shared(meta.originator),
    cli_version: shared(meta.cli_version),
    ...(source === null ? {} : { source: sharedValue(source) }),
    ...(typeof meta.thread_source === 'string' ? { thread_source: shared(meta.thread_source) } : {}),
    ...(typeof meta.model_provider === 'string' ? { model_provider: shared(meta.model_provider) } : {}),
    ...(git === null ? {} : { git }),
    ...(mode === null ? {} : { history_mode: mode }),
    ...(forkedFrom === null ? {} : { forked_from_id: forkedFrom }),
    ...(base === null ? {} : { history_base: base }),
  };
}

/** The bound protects memory from a hostile home; a normal home has few folders and programs. */
const MAX_SHARED = 10_000;
const texts = new Map<string, string>();
const values = new Map<string, unknown>();

function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < MAX_SHARED) texts.set(text, text);
  return text;
}

function sharedValue(value: unknown): unknown {
  if (typeof value === 'string') return shared(value);
  const key = JSON.stringify(value);
  const known = values.get(key);
  if (known !== undefined) return known;
  if (values.size < MAX_SHARED) values.set(key, value);
  return value;
}
