/** SESSIONS: the newest sessions of the other agent that were not imported as they are now. */
import fs from 'node:fs';
import path from 'node:path';
import { openFile, readWholeLater } from '../../system/files/open-file.js';
import { readSession, type ForeignSession } from './read-session.js';
import { readLedger, sha256 } from './session-ledger.js';
import { listSource } from './source-files.js';

export interface FoundSession extends ForeignSession {
  readonly file: string;
  readonly cwd: string;
  readonly sha256: string;
  readonly modifiedMs: number;
}

export interface SessionLimits {
  readonly maxAgeDays: number | null;
  readonly max: number | null;
}

/** docs/protocol/services.md §15. */
const DEFAULT_AGE_DAYS = 30;
const DEFAULT_MAX = 50;
const MOST = 500;
/** A larger file is left out. */
const LIMIT_BYTES = 32 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

export const sessionFolder = (home: string): string => path.join(home, '.claude', 'projects');

/** Newest first. */
export async function findSessions(home: string, codexHome: string, limits: SessionLimits): Promise<FoundSession[]> {
  const oldest = Date.now() - (limits.maxAgeDays ?? DEFAULT_AGE_DAYS) * DAY_MS;
  const files = filesOf(home)
    .filter(({ modifiedMs }) => modifiedMs >= oldest)
    .sort((one, other) => other.modifiedMs - one.modifiedMs);
  const ledger = readLedger(codexHome);
  const found: FoundSession[] = [];
  for (const { file } of files) {
    if (found.length >= Math.min(limits.max ?? DEFAULT_MAX, MOST)) break;
    const session = await sessionAt(file);
    if (session !== null && ledger.get(file)?.content_sha256 !== session.sha256) found.push(session);
  }
  return found;
}

function filesOf(home: string): { readonly file: string; readonly modifiedMs: number }[] {
  const user = { confined: null };
  const root = sessionFolder(home);
  return listSource(user, root)
    .filter(({ isFolder }) => isFolder)
    .flatMap(({ name }) =>
      listSource(user, path.join(root, name)).flatMap(({ name: one, isFolder }) => {
        const file = path.join(root, name, one);
        const stat =
          isFolder || path.extname(one) !== '.jsonl' ? undefined : fs.lstatSync(file, { throwIfNoEntry: false });
        return stat === undefined ? [] : [{ file, modifiedMs: stat.mtimeMs }];
      }),
    );
}

/** Null: no such file, no session, or one without a message of a person. */
export async function sessionAt(file: string): Promise<FoundSession | null> {
  let content: Buffer;
  let modifiedMs: number;
  try {
    const opened = openFile(file);
    try {
      modifiedMs = opened.stat.mtimeMs;
      content = await readWholeLater(opened, LIMIT_BYTES);
    } finally {
      opened.close();
    }
  } catch {
    return null; // gone, unreadable or too large: it is not offered
  }
  const session = readSession(content.toString());
  if (session.cwd === null || !session.messages.some(({ role }) => role === 'user')) return null;
  return { ...session, cwd: session.cwd, file, sha256: sha256(content), modifiedMs };
}

/** Whether a path that a client names is a session of the other agent. */
export const isSessionFile = (home: string, file: string): boolean =>
  filesOf(home).some((found) => found.file === file);
