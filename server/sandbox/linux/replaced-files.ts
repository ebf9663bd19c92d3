/**
 * Files that a command sees in the place of the system's.
 *
 * Threat: a command that may write to system folders exchanges a file while the daemon reads it, and gets one that it
 * may not read.
 * Rule: a file is read through the descriptor whose real path the command sees (system/files/open-file.ts). What is not
 * there, or not seen, is not replaced: nothing becomes visible this way.
 */
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { openFile, readWhole, type OpenedFile } from '../../system/files/open-file.js';
import { isTransient } from '../../system/node/os-errors.js';
import { ROOT_FILES } from '../../system/programs/system-roots.js';
import type { SandboxPlan } from '../policy/policy.js';
import type { InterceptionRoots } from '../policy/sandbox.js';
import { withRoot } from './java-roots.js';
import type { RuntimeFolder } from './runtime-folder.js';

export interface Replaced {
  readonly place: string;
  readonly by: string;
}
type Seeing = Pick<SandboxPlan, 'sees'>;
type Sharing = Pick<RuntimeFolder, 'sharedFile'>;

/** Octets; longer files stay. Lists of advertisers in hosts(5) have a few MiB. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Where distributions keep the list of all their JDKs. */
const JAVA_FILES: readonly string[] = [
  '/etc/ssl/certs/java/cacerts', // Debian, Ubuntu, Arch, Alpine
  '/etc/pki/java/cacerts', // Fedora, RHEL
  '/var/lib/ca-certificates/java-cacerts', // SUSE
];

/** The file with another content. Null: the command does not see it, or `change` has nothing to change. */
export function replaced(
  file: string,
  change: (content: Buffer) => string | Buffer | null,
  plan: Seeing,
  folder: Sharing,
): Replaced | null {
  return whereSeen(file, plan, (opened) => {
    if (opened.stat.size > MAX_BYTES) return null;
    const content = change(readWhole(opened, MAX_BYTES));
    return content === null ? null : { place: opened.real, by: folder.sharedFile(content) };
  });
}

/**
 * The system's root certificates, for programs that read no variable for them (wget, others with GnuTLS, Java), and for
 * those that start with an empty environment. Java's list keeps its own certificates.
 */
export function replacedRoots({ bundle, authority }: InterceptionRoots, plan: Seeing, folder: Sharing): Replaced[] {
  const found = new Map<string, Replaced>();
  const add = (file: Replaced | null): void => void (file !== null && found.set(file.place, file));
  for (const file of ROOT_FILES) add(whereSeen(file, plan, ({ real }) => ({ place: real, by: bundle })));
  let certificate: Buffer | undefined;
  const ours = (): Buffer => (certificate ??= new X509Certificate(fs.readFileSync(authority)).raw);
  for (const file of JAVA_FILES) add(replaced(file, (list) => withRoot(list, ours(), 'codexd'), plan, folder));
  return [...found.values()];
}

function whereSeen<T>(file: string, plan: Seeing, use: (opened: OpenedFile) => T | null): T | null {
  let opened: OpenedFile;
  try {
    opened = openFile(file);
  } catch (error) {
    if (isTransient(error)) throw error;
    return null; // The command, which is the same user, cannot read it either.
  }
  try {
    return plan.sees(opened.real) ? use(opened) : null;
  } finally {
    opened.close();
  }
}
