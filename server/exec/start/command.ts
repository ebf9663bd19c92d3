import type { Prompter } from '../../network-approval/registration/prompter.js';
import type { CommandOwner, NetworkDenial } from '../../network-approval/registration/denial.js';
import type { TerminalSize } from '../process/child.js';
import type { OutputSink } from '../run/output.js';
import type { CommandPermissions } from './permissions.js';

/** A command as its owner wants it: everything that Supervisor.start needs to know. */
export interface CommandSpec {
  /** Not empty; a program and its arguments, never a shell line. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Complete, without the marks that the supervisor adds (permissions.ts). */
  readonly env: Readonly<Record<string, string>>;
  readonly permissions: CommandPermissions;
  readonly io: CommandIo;
  /** From the start; 0 ends it at once, null never. */
  readonly timeoutMs: number | null;
  /** Where prompts go, and whom a network denial concerns. */
  readonly owner: CommandOwner;
  /** Who is asked about the network requests that no rule allows. Absent or null: nobody. */
  readonly prompter?: Prompter | null;
  /** Its abort ends the command: nobody is left to want it. */
  readonly gone: AbortSignal;
  readonly stdout: OutputSink;
  /** Unused on a terminal. */
  readonly stderr: OutputSink;
}

export type CommandIo =
  /** `stdin` false: the command reads from /dev/null. */
  | { readonly kind: 'pipes'; readonly stdin: boolean }
  | { readonly kind: 'terminal'; readonly size: TerminalSize }
  /** Our own stdin, stdout and stderr as they are. The sinks get nothing but words of ours. */
  | { readonly kind: 'inherit' };

/** A command between its start and its end. */
export interface RunningCommand {
  /** The process has ended; its output may still be on the way. */
  readonly exited: boolean;
  /** Resolves when the command can take more, or is over. */
  write(data: Buffer): Promise<void>;
  /** End of file on stdin, after what was written; on a terminal, a new line and ^D. */
  closeStdin(): void;
  /** Only on a terminal. */
  resize(size: TerminalSize): void;
  /**
   * As Registration.whileAsked: tells when somebody is asked about the command's network requests. Its own clock stands
   * still then.
   */
  whileAsked(watcher: (asked: boolean) => void): () => void;
  /** Kills the whole process tree with SIGKILL, now. */
  terminate(): void;
  /**
   * Resolves when nothing of the command is left: all of its output is with the sinks, all of its processes are gone.
   */
  readonly ended: Promise<CommandEnd>;
}

/** What ended a command: the first of these to be recorded. */
export type EndCause = 'exit' | 'timeout' | 'terminate' | 'ownerGone' | 'denial';

export interface CommandEnd {
  readonly cause: EndCause;
  /** docs/protocol/exec.md §2. */
  readonly exitCode: number;
  /** Why the network was refused; set exactly when the cause is `denial`. */
  readonly denial: NetworkDenial | null;
  /** Something else held the command's output open for longer than the drain lasts. */
  readonly drainTimedOut: boolean;
}
