/**
 * What codexd put into access lists, and where: the capabilities with their SIDs, the paths, the folders that it made.
 *
 * Threat: an entry that nobody remembers stays for ever, and an entry for a running command is taken away.
 * Rule: the record is on the disk before the entry. A denial has the processes of the daemons that need it; it may go
 * when none of them lives.
 * Scope: a file in the folder of the set-up, which only its owner can write. One process at a time changes it.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { isObject } from '../../system/node/objects.js';
import { sandboxRefused } from '../policy/sandbox.js';
import { IN_ITS_FOLDER, setupFolder } from './setup-state.js';

export interface AccessRecord {
  /** By the key of an access plan: the SID. */
  readonly capabilities: Record<string, string>;
  /** The SIDs of the groups that have entries: one, unless a set-up was made again. */
  readonly groups: string[];
  /** Where entries were put. */
  readonly paths: string[];
  /** Folders that did not exist. */
  readonly created: string[];
  /** Paths that the group may not read, with the ids of the daemons' processes that need that. */
  readonly denied: Record<string, number[]>;
}

const fileOf = (codexHome: string): string => path.join(setupFolder(codexHome), 'access.json');
export const recordLock = (codexHome: string): string => path.join(setupFolder(codexHome), 'access.lock');

const EMPTY = (): AccessRecord => ({ capabilities: {}, groups: [], paths: [], created: [], denied: {} });

/** Throws `sandbox.refused` for a damaged one: what it knew could not be undone. */
export function readRecord(codexHome: string): AccessRecord {
  let text: string;
  try {
    text = fs.readFileSync(fileOf(codexHome), 'utf8');
  } catch (error) {
    if (osCode(error) === 'ENOENT') return EMPTY();
    throw error;
  }
  const record = recordIn(text);
  if (record !== null) return record;
  throw sandboxRefused(
    `${fileOf(codexHome)}, the list of the sandbox's access entries, is damaged; run codexd windows-sandbox-setup again`,
  );
}

/** Throws what the file system throws. */
export const writeRecord = (codexHome: string, record: AccessRecord): void =>
  writeFileAtomically(fileOf(codexHome), JSON.stringify(record), IN_ITS_FOLDER);

/** Idempotent. */
export const removeRecord = (codexHome: string): void => fs.rmSync(fileOf(codexHome), { force: true });

/** A SID of no account: the identifier of a domain that does not exist, with 96 random bits. */
export function newCapability(): string {
  const bytes = randomBytes(16);
  const parts = [0, 4, 8].map((at) => bytes.readUInt32LE(at));
  // Small last parts are accounts that every domain has, and SDDL has other names for them.
  return `S-1-5-21-${parts.join('-')}-${100_000 + (bytes.readUInt32LE(12) >>> 1)}`;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Of an account of this machine, or a capability. */
const isSid = (text: string): boolean => /^S-1-5-21(?:-\d{1,10}){4}$/.test(text);

function recordIn(text: string): AccessRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { capabilities, groups, paths, created, denied } = value;
  if (!isObject(capabilities) || !isObject(denied) || !isTexts(paths) || !isTexts(created)) return null;
  if (!isTexts(groups) || !groups.every(isSid)) return null;
  const sids: Record<string, string> = {};
  for (const [key, sid] of Object.entries(capabilities)) {
    if (typeof sid !== 'string' || !isSid(sid)) return null;
    sids[key] = sid;
  }
  const pids: Record<string, number[]> = {};
  for (const [place, list] of Object.entries(denied)) {
    if (!Array.isArray(list)) return null;
    pids[place] = list.filter((pid): pid is number => Number.isInteger(pid) && pid > 0);
  }
  return { capabilities: sids, groups, paths, created, denied: pids };
}
