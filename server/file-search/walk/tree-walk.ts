/**
 * Walks the roots of a search, piece by piece, and puts what it finds into an index (docs/protocol/services.md §2).
 *
 * Threat: links that go round, names of any bytes, trees without end.
 * Rule: a linked folder that is one of the folders above it is not walked. A tree ends at a number of entries. What
 * cannot be read is left out.
 */
import fs from 'node:fs';
import path from 'node:path';
import { encodePath, listFolder, nativePath, type FolderEntry } from '../../system/files/path-bytes.js';
import type { PathIndex } from '../match/path-index.js';
import { FILES, isIgnored, levelOf, levelsAbove, type IgnoreLevel } from './ignore-chain.js';
import { userExcludes } from './git-excludes.js';

interface Pending {
  readonly root: number;
  readonly folder: string;
  /** Relative to the root, with a `/` at the end unless empty. */
  readonly prefix: string;
  readonly above: IgnoreLevel | null;
}

export interface TreeWalk {
  /**
   * Walks on until the time is over, by performance.now(), or the index has `most` entries. True: everything is walked,
   * or no more will be.
   */
  advance(endAt: number, most: number): boolean;
}

/** `roots`: absolute. Each place is found once: below the deepest root that it is in. */
export function walkTrees(roots: readonly string[], index: PathIndex, env: Readonly<NodeJS.ProcessEnv>): TreeWalk {
  const user = userExcludes(env);
  const places = new Set(roots);
  const pending: Pending[] = [];
  // In reverse, so that the first root is walked first.
  for (const place of [...places].reverse()) {
    const root = roots.indexOf(place);
    const stat = statOf(place);
    if (stat === null) continue;
    index.add(root, '', stat.isDirectory());
    if (!stat.isDirectory()) continue;
    pending.push({ root, folder: place, prefix: '', above: levelsAbove(place) });
  }

  const walkFolder = ({ root, folder, prefix, above }: Pending): void => {
    const entries = entriesOf(folder);
    const level = levelOf(folder, above, new Set(entries.map(({ name }) => name).filter((name) => FILES.has(name))));
    const start = folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`;
    const folders: Pending[] = [];
    for (const { name, kind } of entries) {
      const place = `${start}${name}`;
      const target = kind === 'link' ? statOf(place) : null;
      if (kind === 'link' && target === null) continue;
      const isFolder = kind === 'folder' || target?.isDirectory() === true;
      if (isIgnored(place, isFolder, level, user)) continue;
      if (places.has(place)) continue;
      if (isFolder && target !== null && leadsBack(idOf(target), folder)) continue;
      const text = prefix + shown(name);
      index.add(root, text, isFolder);
      if (isFolder) folders.push({ root, folder: place, prefix: `${text}/`, above: level });
    }
    pending.push(...folders.reverse());
  };

  return {
    advance(endAt, most) {
      while (pending.length > 0 && index.size < most) {
        walkFolder(pending.pop()!);
        if (performance.now() > endAt) break;
      }
      return pending.length === 0 || index.size >= most;
    },
  };
}

/** Whether a linked folder is one of those above the link. Only for links: no other way leads back. */
function leadsBack(id: string, folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    const stat = statOf(at);
    if (stat !== null && idOf(stat) === id) return true;
    if (at === path.dirname(at)) return false;
  }
}

/** Bytes that are not UTF-8 become U+FFFD. */
const shown = (name: string): string => (/[\udc80-\udcff]/.test(name) ? encodePath(name).toString() : name);

function entriesOf(folder: string): readonly FolderEntry[] {
  try {
    return listFolder(folder);
  } catch {
    return [];
  }
}

function statOf(place: string): fs.BigIntStats | null {
  try {
    return fs.statSync(nativePath(place), { bigint: true });
  } catch {
    return null;
  }
}

const idOf = ({ dev, ino }: fs.BigIntStats): string => `${dev}:${ino}`;
