/**
 * Puts the entries of an access plan into the lists of Windows, for one command, and takes all of them away again.
 *
 * Threat: Windows (or a file system without lists) reports success and keeps nothing; the command would run without a
 * wall. A refresh for one command opens what another one must not reach.
 * Rule: what is written is read back, and the command is refused if an entry is not there or stands behind one that
 * allows. Entries of others keep their place and text. A path is changed only if it is still the real one. A denial of
 * reading goes when no running command of any daemon needs it; until then it holds for the others as well.
 * Scope: files and folders of the user. Non-scope: what is written meanwhile by programs outside of the sandbox.
 */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';
import { messageOf } from '../../errors/message-of.js';
import { withFileLock } from '../../system/files/with-file-lock.js';
import { processExists } from '../../system/linux/process-table.js';
import { sandboxRefused } from '../policy/sandbox.js';
import { changeList, type FileLists, type ListChange, type WantedAce } from './access-change.js';
import { key, type AccessPlan } from './access-list.js';
import {
  newCapability,
  readRecord,
  recordLock,
  removeRecord,
  writeRecord,
  type AccessRecord,
} from './access-record.js';

export interface ApplyOptions {
  readonly codexHome: string;
  /** The SID of the group of the sandbox's users; null: the restricted token, whose plan has no entries for it. */
  readonly group: string | null;
  readonly lists: FileLists;
}

export interface AppliedAccess {
  /** The SIDs to restrict the command's token to, in the order of the plan. */
  readonly capabilities: readonly string[];
  /** The command has ended. Idempotent, never throws. */
  release(): void;
}

/**
 * Applies a plan. The folder of the set-up exists. Throws `sandbox.refused` with the path if an entry cannot be placed,
 * `machine.contended` if another daemon is at it for too long.
 */
export async function applyAccess(access: AccessPlan, options: ApplyOptions): Promise<AppliedAccess> {
  const { codexHome, group, lists } = options;
  return await withFileLock(recordLock(codexHome), () => {
    const record = readRecord(codexHome);
    const before = JSON.stringify(record);
    const capabilities = access.capabilities.map((name) => (record.capabilities[name] ??= newCapability()));
    if (group !== null && !record.groups.includes(group)) record.groups.push(group);
    const changes = changesOf(access, capabilities, group);
    const denied = denials(access);
    for (const place of [...changes.keys(), ...access.create]) note(record.paths, place);
    for (const place of access.create) if (!fs.existsSync(place)) note(record.created, place);
    for (const place of denied) record.denied[place] = [...new Set([...(record.denied[place] ?? []), process.pid])];
    const free = Object.keys(record.denied).filter(
      (place) => !denied.has(place) && !isNeeded(record, codexHome, place),
    );
    if (JSON.stringify(record) !== before) writeRecord(codexHome, record);

    for (const place of access.create) createFolder(place);
    for (const [place, change] of changes) {
      const othersNeed =
        record.denied[key(place)] !== undefined && !denied.has(key(place)) && !free.includes(key(place));
      apply(place, othersNeed && group !== null ? refusing(change, group) : change, lists);
    }
    // Last: what is denied to this command stands before another denial goes.
    for (const place of free) {
      if (group !== null)
        apply(place, { wanted: [], removed: [{ sid: group, only: 'deny' }] }, lists, 'may be missing');
    }
    if (free.length > 0) {
      const left = Object.entries(record.denied).filter(([place]) => !free.includes(place));
      writeRecord(codexHome, { ...record, denied: Object.fromEntries(left) });
    }
    return hold(codexHome, [...denied], capabilities);
  });
}

/**
 * Takes away all entries and the empty folders that were made. Idempotent. Returns the paths at which that failed, each
 * with the reason; they stay in the record.
 */
export async function removeAccess({ codexHome, lists }: Omit<ApplyOptions, 'group'>): Promise<readonly string[]> {
  return await withFileLock(recordLock(codexHome), () => {
    const record = readRecord(codexHome);
    const sids = [...Object.values(record.capabilities), ...record.groups];
    const removed = sids.map((sid) => ({ sid, only: null }));
    const failed = new Map<string, string>();
    for (const place of record.paths) {
      const found = lists.read(place);
      if ('error' in found && found.missing) continue;
      const why = 'error' in found ? found.error : changeList(place, { wanted: [], removed }, lists);
      if (why !== null) failed.set(place, `${place}: ${why}`);
    }
    for (const place of [...record.created].reverse()) removeEmpty(place);
    if (failed.size === 0) removeRecord(codexHome);
    else writeRecord(codexHome, { ...record, paths: [...failed.keys()], created: [], denied: {} });
    return [...failed.values()];
  });
}

/** By path: its entries, with the SIDs of the trustees. */
function changesOf(access: AccessPlan, capabilities: readonly string[], group: string | null): Map<string, ListChange> {
  const wanted = new Map<string, WantedAce[]>();
  for (const { path: place, effect, to, mask, inheritance } of access.entries) {
    const sid = to === 'group' ? group : capabilities[to];
    if (sid === undefined || sid === null)
      throw sandboxRefused(`${place} needs an entry for the sandbox's users, which are not set up`);
    const list = wanted.get(place) ?? [];
    // On a file nothing inherits.
    list.push({ effect, sid, mask, inheritance: inheritance !== 'none' && isFile(place) ? 'none' : inheritance });
    wanted.set(place, list);
  }
  return new Map([...wanted].map(([place, aces]) => [place, { wanted: aces, removed: [] }]));
}

const isFile = (place: string): boolean => fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;

/** The paths of which the group may read nothing. */
const denials = (access: AccessPlan): ReadonlySet<string> =>
  new Set(
    access.entries.filter(({ to, effect }) => to === 'group' && effect === 'deny').map(({ path: place }) => key(place)),
  );

function note(list: string[], place: string): void {
  if (!list.some((known) => key(known) === key(place))) list.push(place);
}

/** The change, and the refusal that running commands of others need. */
const refusing = (change: ListChange, group: string): ListChange => ({
  ...change,
  wanted: [...change.wanted, { effect: 'deny', sid: group, mask: 0x1f01ff, inheritance: 'all' }],
});

function apply(place: string, change: ListChange, lists: FileLists, missing?: 'may be missing'): void {
  if (missing) {
    const found = lists.read(place);
    if ('error' in found && found.missing) return;
  }
  const real = realPath(place);
  if (key(real) !== key(place)) throw sandboxRefused(`${place} has become a link to ${real}; start the command again`);
  const why = changeList(place, change, lists);
  if (why === null) return;
  throw sandboxRefused(
    `the access list of ${place} cannot be made: ${why}; use a folder of your own on a drive with NTFS`,
  );
}

function realPath(place: string): string {
  try {
    return fs.realpathSync.native(place);
  } catch (error) {
    throw sandboxRefused(`${place} cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}

function createFolder(place: string): void {
  try {
    fs.mkdirSync(place);
  } catch (error) {
    if (osCode(error) === 'EEXIST') return;
    throw sandboxRefused(
      `${place} must exist so that commands cannot make it, and cannot be made: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function removeEmpty(place: string): void {
  try {
    fs.rmdirSync(place);
  } catch {
    // Somebody uses it now, or it is gone.
  }
}

/** How many running commands of this process need a denial. */
const held = new Map<string, number>();
const holdName = (codexHome: string, place: string): string => `${codexHome}\n${place}`;

function isNeeded(record: AccessRecord, codexHome: string, place: string): boolean {
  return (record.denied[place] ?? []).some((pid) =>
    pid === process.pid ? (held.get(holdName(codexHome, place)) ?? 0) > 0 : processExists(pid),
  );
}

function hold(codexHome: string, denied: readonly string[], capabilities: readonly string[]): AppliedAccess {
  const names = denied.map((place) => holdName(codexHome, place));
  for (const name of names) held.set(name, (held.get(name) ?? 0) + 1);
  let open = true;
  return {
    capabilities,
    release() {
      if (!open) return;
      open = false;
      for (const name of names) {
        const left = (held.get(name) ?? 1) - 1;
        if (left > 0) held.set(name, left);
        else held.delete(name);
      }
    },
  };
}
