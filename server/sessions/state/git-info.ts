/**
 * The repository and the commit at which a thread began (docs/protocol/threads.md §2 `gitInfo`).
 *
 * Threat: a repository's configuration can make git run programs (hooks, fsmonitor, aliases). The folder of a thread
 * may belong to anybody: its files may be links and may contain lines of any length. Rule: git is not started. Its
 * files are opened once and count only under the names that git gives them. They are read up to a limit, parsed by
 * hand, and their content is treated as text. A user name and a password in the remote's address are removed, because
 * the result is shown to clients and stored. Non-scope: refs in another storage than git's own files (reftable): then
 * there is no commit.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readStartOf, readWhole, withFile } from '../../system/files/open-file.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import { statIfThere } from '../../system/files/look.js';

type Git = NonNullable<SessionMeta['git']>;

/** For any file except packed-refs, in bytes. The rest of a longer file is not read. */
const LIMIT_BYTES = 64 * 1024;
/**
 * The packed-refs file of a very large repository has some megabytes. More is not read: then a packed branch has no
 * commit.
 */
const PACKED_REFS_BYTES = 8 * 1024 * 1024;
/** In characters: all searched lines are shorter. */
const LINE_LIMIT = 4096;

/**
 * Null: the folder is in no repository, or the repository has no information. Unknown members are absent, for example
 * the commit of a new branch.
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

/** `.git` of the nearest folder that has one, or its target (gitrepository-layout(5)). */
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

/** Each line is cut to the longest possible line of such a file. */
const linesOf = (content: string): string[] => content.split('\n').map((line) => line.slice(0, LINE_LIMIT));

function commitOf(ref: string, folder: string, shared: string): string | null {
  // A name from the file becomes a path, so it must stay below refs/.
  if (!ref.startsWith('refs/') || ref.split('/').includes('..')) return null;
  for (const place of new Set([folder, shared])) {
    const loose = text(path.join(place, ref))?.trim();
    if (loose !== undefined) return hash(loose);
  }
  return packedCommit(ref, path.join(shared, 'packed-refs'));
}

/** The lines are `<hash> <ref>`. The bytes are searched without splitting them, because there may be 100 000 lines. */
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
    return null; // an unreadable file has no information
  }
}

/** A name occurs once in such a file. */
const MAX_HITS = 100;
/** In characters: the length of a SHA-256 hash. */
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

/** `remote "origin"`: the case of the section's name does not matter; the case of `origin` does. */
function isOrigin(section: string): boolean {
  const [name = '', rest] = [section.trim().slice(0, 'remote'.length), section.trim().slice('remote'.length)];
  return name.toLowerCase() === 'remote' && /^\s/.test(rest) && rest.trim() === '"origin"';
}

/** `git@host:path` has no password and stays unchanged. */
function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*:[^/@]*@|^(https?:\/\/)[^/@]*@/i, '$1$2');
}

/** The first 64 kB. A link to a file with another name does not count as a file of git. */
function text(file: string): string | undefined {
  try {
    return withFile(file, (opened) =>
      path.basename(opened.real) === path.basename(file)
        ? readStartOf(opened, LIMIT_BYTES).bytes.toString()
        : undefined,
    );
  } catch {
    return undefined; // an unreadable file has no information
  }
}
