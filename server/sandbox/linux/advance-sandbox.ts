/**
 * What must be the same, so that a sandbox of an earlier moment is the one that a command needs now.
 *
 * Threat: between the start of a sandbox and its use, a configuration, a file or a mount of the host changes. The
 * sandbox would show a folder that was removed, or show what must be hidden: the kernel takes a mount away when its
 * place is removed or replaced in another mount namespace.
 * Rule: the command's own sandbox is planned as always. The earlier one is the same if its words are, the host's table
 * of mounts has not changed, and every place that the words name is the same file or folder (device and inode). It
 * holds if the table of its own mounts still has a mount at each of these places.
 * Scope: sandboxes in which nothing of the host can be written.
 * Non-scope: how old it may be (exec/start/ready-sandboxes.ts).
 */
import fs from 'node:fs';
import { mountPoints, type MountTable } from '../../system/files/mount-table.js';
import { decodePath } from '../../system/files/path-bytes.js';
import { writeAtStart } from '../../system/node/write-at-start.js';
import type { TrustedProgram } from '../../system/programs/system-program.js';
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';
import type { AdvanceFiles, AdvanceSandbox } from '../policy/sandbox.js';
import { directLine } from './launcher.js';
import { startedBy, type PrivateMounts } from './private-mounts.js';
import { encodeWords } from './runtime-folder.js';

export interface AdvanceOptions {
  /** bubblewrap's arguments for the sandbox, without the command's folder and environment. */
  readonly words: readonly string[];
  readonly plan: SandboxPlan;
  /** The host's, as the reader returned it: another object is another table. */
  readonly mounts: MountTable;
  readonly files: AdvanceFiles;
  readonly bubblewrap: TrustedProgram;
  readonly enter: PrivateMounts;
  readonly shell: TrustedProgram;
}

export const createAdvanceSandbox = (options: AdvanceOptions): AdvanceSandbox => new LinuxSandbox(options);

class LinuxSandbox implements AdvanceSandbox {
  readonly workingFolder: string;
  readonly #options: AdvanceOptions;
  readonly #points: readonly string[];
  readonly #text: string;

  constructor(options: AdvanceOptions) {
    this.workingFolder = options.plan.workingFolder;
    this.#options = options;
    this.#points = options.plan.mounts.filter(isMount).map(({ path }) => path);
    this.#text = [options.files.key, placesOf(this.#points), ...options.words].join('\0');
  }

  isSame(other: AdvanceSandbox): boolean {
    return (
      other instanceof LinuxSandbox && other.#text === this.#text && other.#options.mounts === this.#options.mounts
    );
  }

  around(shellWords: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
    const { enter, bubblewrap, shell } = this.#options;
    return directLine(startedBy(enter, bubblewrap), [shell, ...shellWords]);
  }

  open(): ReturnType<AdvanceFiles['open']> {
    const opened = this.#options.files.open();
    writeAtStart(opened.launch, encodeWords([...this.#options.words, '--chdir', '/', '--clearenv']));
    return opened;
  }

  holds(launcher: number): boolean {
    const inside = mountsInside(launcher);
    return inside !== null && this.#points.every((point) => inside.has(point));
  }
}

/** The others are a link and a folder in a private folder, which nobody can change. */
const isMount = ({ kind }: PlannedMount): boolean => kind !== 'link' && kind !== 'folder';

/** Which files and folders these are. */
const placesOf = (points: readonly string[]): string =>
  points
    .map((point) => {
      const stat = fs.lstatSync(point, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.dev}:${stat.ino}:${stat.mode}`;
    })
    .join(' ');

/** The mount points that the processes of this sandbox have; null: they cannot be read. */
function mountsInside(launcher: number): ReadonlySet<string> | null {
  try {
    // bubblewrap's outer process has the host's mounts, its one child has the sandbox's (proc_pid_task(5)).
    const [inner] = fs.readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'latin1').split(' ');
    return inner !== undefined && inner !== ''
      ? mountPoints(decodePath(fs.readFileSync(`/proc/${inner}/mountinfo`)))
      : null;
  } catch {
    return null; // It has ended, or this kernel does not tell the children of a process.
  }
}
