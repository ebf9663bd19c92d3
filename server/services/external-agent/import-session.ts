/** Makes a session of another agent a thread, or adds to the thread what came since. */
import fs from 'node:fs';
import { CODEXD_VERSION } from '../../package/package-version.js';
import type { Catalog } from '../../sessions/catalog/catalog.js';
import { newId, parseThreadId, type ThreadId } from '../../sessions/store/records/thread-id.js';
import type { ThreadStore, ThreadWriter } from '../../sessions/store/records/thread-store.js';
import type { FoundSession } from './find-sessions.js';
import { noteImport, readLedger } from './session-ledger.js';
import { sessionRecords, turnsOf } from './session-records.js';

export interface SessionImports {
  readonly codexHome: string;
  readonly store: Pick<ThreadStore, 'find' | 'history' | 'create' | 'open'>;
  readonly catalog: Pick<Catalog, 'touched' | 'setName'>;
  /** Of new threads, in the words of rollout files. */
  readonly sessionSource: string;
  readonly modelProvider: string;
}

/**
 * The thread's id; null: there is nothing new. Rejects if the thread is loaded or the disk refuses. The thread is on
 * the disk before the ledger says so: after a kill in between, the session is offered again.
 */
export async function importSession(
  deps: SessionImports,
  session: FoundSession,
  originator: string,
): Promise<ThreadId | null> {
  const { codexHome, store, catalog } = deps;
  const known = readLedger(codexHome).get(session.file);
  if (known?.content_sha256 === session.sha256) return null;
  const parsed = known === undefined ? null : parseThreadId(known.imported_thread_id);
  const files = parsed === null || 'problem' in parsed ? null : await store.find(parsed.id);
  const turns = turnsOf(session.messages);
  let writer: ThreadWriter;
  let from = 0;
  if (files === null) writer = await store.create(metaOf(deps, session, originator));
  else {
    from = importedTurns(await store.history(files));
    writer = await store.open(files);
  }
  const id = writer.id;
  try {
    const records = sessionRecords(turns, from);
    if (records.length > 0) writer.append(records);
    await writer.sync();
  } finally {
    await writer.close();
  }
  // Lists show when the session was last used, not when it was imported.
  const lastMs = session.messages.at(-1)?.atMs;
  if (files === null && lastMs !== null && lastMs !== undefined) {
    // eslint-disable-next-line codexd/files-by-path -- a file of the store
    fs.utimesSync(writer.path, lastMs / 1000, lastMs / 1000);
  }
  catalog.touched(id);
  if (session.title !== null) await catalog.setName(id, session.title);
  await noteImport(codexHome, {
    source_path: session.file,
    content_sha256: session.sha256,
    imported_thread_id: id,
    imported_at: Math.floor(Date.now() / 1000),
    source_modified_at: Math.floor(session.modifiedMs * 1e6),
    connector_names: [],
    title: session.title,
  });
  return id;
}

function metaOf({ sessionSource, modelProvider }: SessionImports, session: FoundSession, originator: string) {
  const id = newId();
  return {
    session_id: id,
    id,
    timestamp: new Date(session.messages[0]?.atMs ?? Date.now()).toISOString(),
    cwd: session.cwd,
    originator,
    cli_version: CODEXD_VERSION,
    source: sessionSource,
    model_provider: modelProvider,
    history_mode: 'legacy',
  } as const;
}

/** How many turns of the session the thread has: their ids follow each other. */
function importedTurns(history: Awaited<ReturnType<ThreadStore['history']>>): number {
  let count = 0;
  while (history.indexOfTurn(`external-import-turn-${count + 1}`) !== -1) count++;
  return count;
}
