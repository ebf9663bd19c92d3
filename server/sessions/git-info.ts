/**
 * Which commit of which repository a thread was begun on (spec/threads.md §2 `gitInfo`).
 *
 * Threat: a repository's configuration can make git itself run programs (hooks, fsmonitor, aliases), and the folder that a
 * thread is started in may be anybody's. Rule: git is not started; its files are read, each up to a limit, and what they
 * say is taken as text. A user name and a password in the remote's address are left out: what is written here is shown to
 * clients and kept. Non-scope: refs that are stored in another way than git's own files (reftable): then there is no commit.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { SessionMeta } from './store/rollout-record.js';

type Git = NonNullable<SessionMeta['git']>;

/** packed-refs of very large repositories are some megabytes. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/** Null outside of a repository, and of one that says nothing. Members that are not known are absent: a branch without a commit, no remote. */
export function readGitInfo(cwd: string): Git | null {
  const folder = gitFolder(cwd);
  if (folder === null) return null;
  const shared = path.resolve(folder, text(path.join(folder, 'commondir'))?.trim() ?? '.');
  const head = text(path.join(folder, 'HEAD'))?.trim();
  if (head === undefined) return null;
  const ref = /^ref: (\S+)$/.exec(head)?.[1] ?? null;
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
    const stat = statOf(dotGit);
    if (stat?.isDirectory() === true && fs.existsSync(path.join(dotGit, 'HEAD'))) return dotGit;
    if (stat?.isFile() === true) {
      const named = /^gitdir: ?(.+?)\s*$/.exec(text(dotGit) ?? '')?.[1];
      return named === undefined ? null : path.resolve(folder, named);
    }
    if (folder === path.dirname(folder)) return null;
  }
}

function commitOf(ref: string, folder: string, shared: string): string | null {
  // A name from the file becomes a path: it stays below refs/.
  if (!ref.startsWith('refs/') || ref.split('/').includes('..')) return null;
  for (const place of new Set([folder, shared])) {
    const loose = text(path.join(place, ref))?.trim();
    if (loose !== undefined) return hash(loose);
  }
  for (const line of (text(path.join(shared, 'packed-refs')) ?? '').split('\n')) {
    const [commit = '', name] = line.split(' ');
    if (name === ref) return hash(commit);
  }
  return null;
}

const hash = (word: string): string | null => (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(word) ? word : null);

/** `url` of `[remote "origin"]` (git-config(1)). */
function originUrl(config: string): string | null {
  let inside = false;
  for (const line of config.split('\n')) {
    const section = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1];
    if (section !== undefined) inside = /^remote\s+"origin"$/i.test(section);
    const value = inside ? /^\s*url\s*=\s*(.*?)\s*$/i.exec(line)?.[1] : undefined;
    if (value !== undefined && value !== '') return withoutCredentials(value.replace(/^"(.*)"$/, '$1'));
  }
  return null;
}

/** `git@host:path` has no password and stays. */
function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*:[^/@]*@|^(https?:\/\/)[^/@]*@/i, '$1$2');
}

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined; // Not ours to look into.
  }
}

function text(file: string): string | undefined {
  try {
    const stat = statOf(file);
    return stat?.isFile() === true && stat.size <= LIMIT_BYTES ? fs.readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined; // What cannot be read says nothing.
  }
}
