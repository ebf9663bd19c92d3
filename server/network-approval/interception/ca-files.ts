/**
 * The files that commands in limited mode trust, in the Codex home: the authority's certificate, and a bundle of it
 * with the roots that verify upstreams (docs/protocol/network.md §3.6).
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { processExists, processStart } from '../../system/linux/process-table.js';
import { fingerprint } from './authority.js';

export interface CaFiles {
  /** What the CA variables name: every root, the authority included. */
  readonly bundle: string;
  /** The authority's certificate alone. */
  readonly authority: string;
  /** Writes what is missing or was changed. Throws when it cannot. */
  ensure(): void;
  remove(): void;
}

/** Read by everybody inside; a sandbox may run under another user id. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
const OURS = /^ca-(?:bundle-)?[0-9a-f]{64}\.pem$/;
/** First line of a file: PEM readers skip what is outside of the certificates. */
const MARK = /^# codexd pid=(\d+) start=(\d*) pidns=(\S*)\n/;
/** Octets in which the mark is looked for. */
const MARK_LENGTH = 200;

export function createCaFiles(codexHome: string, certificate: string, roots: string): CaFiles {
  const folder = path.join(codexHome, 'proxy');
  const mark = `# codexd pid=${process.pid} start=${startOf(process.pid) ?? ''} pidns=${pidNamespace()}\n`;
  const bundleText = `${mark}${roots}\n${certificate}`;
  const files = new Map([
    [path.join(folder, `ca-${fingerprint(certificate)}.pem`), `${mark}${certificate}`],
    [path.join(folder, `ca-bundle-${createHash('sha256').update(bundleText).digest('hex')}.pem`), bundleText],
  ]);
  const [authority = '', bundle = ''] = files.keys();
  openFolder(folder);
  sweep(folder);
  const ensure = (): void => {
    openFolder(folder);
    for (const [file, text] of files) {
      // The temporary file is in the Codex home, where commands do not see it.
      if (!isThere(file, text)) writeFileAtomically(file, text, { mode: FILE_MODE, staging: codexHome });
    }
  };
  ensure();
  return {
    bundle,
    authority,
    ensure,
    remove: () => {
      for (const file of files.keys()) fs.rmSync(file, { force: true });
    },
  };
}

function openFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  if (!fs.lstatSync(folder).isDirectory())
    throw new CodexdError('network.interception', `${folder} is not a folder. Remove it`);
}

/** Compared as a whole: a command that may write there may have changed it. */
function isThere(file: string, text: string): boolean {
  try {
    return fs.lstatSync(file).isFile() && fs.readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}

/** Removes the files of daemons that are gone. One that cannot be removed is in nobody's way. */
function sweep(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    try {
      if (OURS.test(name) && fs.lstatSync(file).isFile() && isAbandoned(file)) fs.rmSync(file);
    } catch {
      continue;
    }
  }
}

/**
 * Only files with codexd's mark: the reference stores its own here. A daemon in another pid namespace cannot be seen.
 */
function isAbandoned(file: string): boolean {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  try {
    const start = Buffer.alloc(MARK_LENGTH);
    const [, pid, started, namespace] = MARK.exec(start.toString('latin1', 0, fs.readSync(fd, start))) ?? [];
    if (pid === undefined || namespace !== pidNamespace()) return false;
    return startOf(Number(pid)) !== started;
  } finally {
    fs.closeSync(fd);
  }
}

/** '' where there is no /proc and the process lives; null: it is gone. */
function startOf(pid: number): string | null {
  if (fs.existsSync('/proc/self/stat')) return processStart(pid);
  return processExists(pid) ? '' : null;
}

function pidNamespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}
