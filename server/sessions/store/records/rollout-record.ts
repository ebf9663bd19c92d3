/**
 * One line of a rollout file (docs/protocol/threads.md §12.2). Another program may have written it, so only the
 * envelope is checked here. Readers check the members of a payload.
 */
export interface RolloutRecord {
  /** ISO 8601 with milliseconds, UTC. */
  readonly timestamp: string;
  /** Only in paginated files: counts up from 0 over the whole lineage of the thread. */
  readonly ordinal?: number;
  readonly type: RecordType | (string & {});
  readonly payload: RecordPayload;
  /** On response items: `history_sequence` and similar members, passed on unchanged. */
  readonly metadata?: RecordMetadata;
}

export type RecordPayload = Readonly<Record<string, unknown>>;
export type RecordMetadata = Readonly<Record<string, unknown>>;

export type RecordType =
  'session_meta' | 'response_item' | 'event_msg' | 'turn_context' | 'world_state' | 'compacted' | 'token_usage_record';

/** A record without the members that the writer adds: the time and, in paginated files, the ordinal. */
export type NewRecord = Pick<RolloutRecord, 'type' | 'payload' | 'metadata'>;

/** The payload of `session_meta`, the first record of a file. */
export interface SessionMeta {
  readonly id: string;
  readonly timestamp: string;
  readonly cwd: string;
  readonly originator: string;
  readonly cli_version: string;
  readonly session_id?: string;
  readonly source?: unknown;
  readonly thread_source?: string | null;
  readonly model_provider?: string | null;
  readonly base_instructions?: { readonly text: string; readonly provenance?: unknown } | null;
  readonly git?: {
    readonly commit_hash?: string | null;
    readonly branch?: string | null;
    readonly repository_url?: string | null;
  } | null;
  readonly history_mode?: HistoryMode;
  readonly forked_from_id?: string | null;
  readonly forked_from_ordinal_exclusive?: number | null;
  readonly history_base?: HistoryBase | null;
  readonly runtime_workspace_roots?: readonly string[] | null;
  readonly dynamic_tools?: readonly unknown[] | null;
  readonly memory_mode?: string | null;
  readonly [more: string]: unknown;
}

export type HistoryMode = 'paginated' | 'legacy';

/** The point at which a paginated file continues another one: the records of that file up to this point come first. */
export interface HistoryBase {
  readonly thread_id: string;
  readonly end_ordinal_exclusive: number;
  readonly end_byte_offset: number;
}
