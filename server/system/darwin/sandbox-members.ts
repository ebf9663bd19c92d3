/**
 * Tells the processes of one sandbox from all others.
 *
 * Rule: each command's policy lets it look up one service that nobody else may, its mark, and that nobody offers. The
 * kernel answers whether a process may look it up. A process cannot leave its sandbox, and all that it starts is in it.
 * A process without a sandbox may look up everything: so one that may look up a name that no policy has is no member.
 */
import type { Libsystem } from './libsystem.js';

export interface SandboxMembers {
  /** false as well if the process is gone or cannot be asked about. */
  has(mark: string, pid: number): boolean;
  /** Whether a process is in a sandbox that codexd or another program has made. True if it cannot be asked about. */
  isSandboxed(pid: number): boolean;
}

/** No policy has it. */
const NOBODYS = 'codexd.command.nobody';

export const sandboxMembers = ({ mayLookUp }: Pick<Libsystem, 'mayLookUp'>): SandboxMembers => ({
  has: (mark, pid) => mayLookUp(pid, mark) === 0 && mayLookUp(pid, NOBODYS) === 1,
  isSandboxed: (pid) => mayLookUp(pid, NOBODYS) !== 0,
});
