/**
 * The hash of all that a plugin consists of, by which its hooks are trusted (docs/protocol/services.md §10 "Hooks").
 *
 * Threat: a person trusts a hook of a plugin, and afterwards somebody changes a script that the hook starts.
 * Rule: names, kinds and contents of all files below the root count. What is no file and no folder, such as a link, has
 * no hash, and the hooks of such a plugin do not run. Scope: the root of the installed plugin. Non-scope: what a hook
 * starts elsewhere.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../errors/codexd-error.js';

/** A plugin that is installed has no more: install/copy-plugin.ts. */
export const MAX_ENTRIES = 10_000;
export const MAX_PLUGIN_BYTES = 256 * 1024 * 1024;

interface Entry {
  /** With slashes. */
  readonly name: string;
  readonly place: string;
  readonly stat: fs.BigIntStats;
}

/** What was read last, by root: files whose times, sizes and inodes stayed have the same contents. */
const known = new Map<string, { readonly stamp: string; readonly hash: string }>();
const MAX_KNOWN = 256;

/** `sha256:` and 64 hexadecimal digits. Throws CodexdError, and what the file system throws. */
export function contentHash(root: string): string {
  const entries = entriesBelow(root);
  const stamp = createHash('sha256')
    .update(JSON.stringify(entries.map(({ name, stat }) => [name, kind(stat), ...times(stat)])))
    .digest('hex');
  const before = known.get(root);
  if (before?.stamp === stamp) return before.hash;
  const hash = createHash('sha256');
  for (const { name, place, stat } of entries) {
    const content = stat.isFile() ? fs.readFileSync(place) : null;
    hash.update(`${kind(stat)} ${Buffer.byteLength(name)} ${name} ${content?.length ?? 0}\n`);
    if (content !== null) hash.update(content);
  }
  const made = `sha256:${hash.digest('hex')}`;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(root, { stamp, hash: made });
  return made;
}

const kind = (stat: fs.BigIntStats): string => (stat.isFile() ? 'file' : 'folder');

const times = ({ size, ino, mtimeNs, ctimeNs }: fs.BigIntStats): string[] =>
  [size, ino, mtimeNs, ctimeNs].map((number) => number.toString());

/** Ordered by name. */
function entriesBelow(root: string): readonly Entry[] {
  const found: Entry[] = [];
  let bytes = 0n;
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of fs.readdirSync(path.join(root, folder))) {
      const name = folder === '' ? entry : `${folder}/${entry}`;
      const place = path.join(root, name);
      const stat = fs.lstatSync(place, { bigint: true });
      if (!stat.isFile() && !stat.isDirectory())
        throw new CodexdError('machine.file', `unsupported plugin entry type: ${place}`);
      if (stat.isFile()) bytes += stat.size;
      else open.push(name);
      found.push({ name, place, stat });
      if (found.length > MAX_ENTRIES || bytes > MAX_PLUGIN_BYTES)
        throw new CodexdError('machine.file', `the plugin is too large: ${root}`);
    }
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}
