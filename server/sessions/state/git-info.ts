/**
 * Which commit of which repository a thread was begun on (docs/protocol/threads.md §2 `gitInfo`).
 *
 * Threat: a repository's configuration can make git itself run programs (hooks, fsmonitor, aliases), and the folder
 * that a thread is started in may be anybody's: its files may be links, and lines of any length. Rule: git is not
 * started; its files are opened once, count only under the name that git gives them, are read up to a limit and taken
 * apart by hand, and what they say is taken as text. A user name and a password in the remote's address are left out:
 * what is written here is shown to clients and kept. Non-scope: refs that are stored in another way than git's own
 * files (reftable): then there is no commit.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readStartOf, readWhole, withFile } from '../../system/files/open-file.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import { statIfThere } from '../../system/files/look.js';

type Git = NonNullable<SessionMeta['git']>;

/** Of any file but packed-refs. What lies behind it is not read. */
const LIMIT_BYTES = 64 * 1024;
/** packed-refs of very large repositories are some megabytes; more is not read: then a packed branch has no commit. */
const PACKED_REFS_BYTES = 8 * 1024 * 1024;
/** In characters: nothing that is looked for is longer. */
const LINE_LIMIT = 4096;

/**
 * Null outside of a repository, and of one that says nothing. Members that are not known are absent: a branch without a
 * commit, no remote.
 */
export function readGitInfo(cwd: string): Git | null {
  const folder = gitFolder(cwd);
  if (folder === null) return null;
  const shared = path.resolve(folder, text(path.join(folder, 'commondir'))?.trim() ?? '.');
  const head = text(path.join(folder, 'HEAD'))?.trim();
  if (head === undefined) return null;
  const ref = refOf(head);
  const commit = ref === null ? hash(head) : commitOf(ref, folder, shared);
  const branch = ref?.startsWith(BRANCHES) === true ? ref.slice(BRANCHES.length) : null;
  const url = originUrl(text(path.join(shared, 'config')) ?? '');
  if (commit === null && branch === null && url === null) return null;
  return {
    ...(commit === null ? {} : { commit_hash: commit }),
    ...(branch === null ? {} : { branch }),
    ...(url === null ? {} : { repository_url: url }),
  };
}

const BRANCHES = 'refs/heads/';

/** `.git` of the nearest folder that has one, or what it points to (gitrepository-layout(5)). */
function gitFolder(cwd: string): string | null {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const dotGit = path.join(folder, '.git');
    const stat = statIfThere(dotGit);
    if (stat?.isDirectory() === true && fs.existsSync(path.join(dotGit, 'HEAD'))) return dotGit;
    if (stat?.isFile() === true) {
      const [line = ''] = linesOf(text(dotGit) ?? '');
      const named = line.startsWith(GITDIR) ? line.slice(GITDIR.length).trim() : '';
      return named === '' ? null : path.resolve(folder, named);
    }
    if (folder === path.dirname(folder)) return null;
  }
}

const GITDIR = 'gitdir:';

/** `ref: refs/heads/main`; null for anything else. */
function refOf(head: string): string | null {
  const name = head.startsWith('ref: ') ? head.slice('ref: '.length) : '';
  return name === '' || name.length > LINE_LIMIT || /\s/.test(name) ? null : name;
}

/** Cut to what a line of such a file can hold. */
const linesOf = (content: string): string[] => content.split('\n').map((line) => line.slice(0, LINE_LIMIT));

function commitOf(ref: string, folder: string, shared: string): string | null {
  // A name from the file becomes a path: it stays below refs/.
  if (!ref.startsWith('refs/') || ref.split('/').includes('..')) return null;
  for (const place of new Set([folder, shared])) {
    const loose = text(path.join(place, ref))?.trim();
    if (loose !== undefined) return hash(loose);
  }
  return packedCommit(ref, path.join(shared, 'packed-refs'));
}

/** Its lines are `<hash> <ref>`. Bytes are searched, not lines made: there may be 100 000 of them. */
function packedCommit(ref: string, file: string): string | null {
  try {
    return withFile(file, (opened) => {
      if (path.basename(opened.real) !== 'packed-refs') return null;
      const bytes = readWhole(opened, PACKED_REFS_BYTES);
      const wanted = Buffer.from(` ${ref}\n`);
      let at = bytes.indexOf(wanted);
      for (let hits = 0; at !== -1 && hits < MAX_HITS; hits++, at = bytes.indexOf(wanted, at + 1)) {
        const start = bytes.lastIndexOf('\n', at) + 1;
        const commit = at - start <= MAX_HASH ? hash(bytes.toString('latin1', start, at)) : null;
        if (commit !== null) return commit;
      }
      return null;
    });
  } catch {
    return null; // What cannot be read says nothing.
  }
}

/** A name stands once in such a file. */
const MAX_HITS = 100;
/** In characters: of SHA-256. */
const MAX_HASH = 64;

const hash = (word: string): string | null => (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(word) ? word : null);

/** `url` of `[remote "origin"]` (git-config(1)). */
function originUrl(config: string): string | null {
  let inside = false;
  for (const whole of linesOf(config)) {
    const line = whole.trim();
    if (line.startsWith('[')) {
      inside = isOrigin(line.slice(1, line.indexOf(']')));
      continue;
    }
    const equals = line.indexOf('=');
    if (!inside || equals === -1 || line.slice(0, equals).trimEnd().toLowerCase() !== 'url') continue;
    const value = line.slice(equals + 1).trim();
    const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    if (bare !== '') return withoutCredentials(bare);
  }
  return null;
}

/** `remote "origin"`: the section's name in any case, the other word as it is. */
function isOrigin(section: string): boolean {
  const [name = '', rest] = [section.trim().slice(0, 'remote'.length), section.trim().slice('remote'.length)];
  return name.toLowerCase() === 'remote' && /^\s/.test(rest) && rest.trim() === '"origin"';
}

/** `git@host:path` has no password and stays. */
function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*:[^/@]*@|^(https?:\/\/)[^/@]*@/i, '$1$2');
}

/** The first 64 kB. Under a link that leads to a file of another name there is nothing of git's. */
function text(file: string): string | undefined {
  try {
    return withFile(file, (opened) =>
      path.basename(opened.real) === path.basename(file)
        ? readStartOf(opened, LIMIT_BYTES).bytes.toString()
        : undefined,
    );
  } catch {
    return undefined; // What cannot be read says nothing.
  }
}
