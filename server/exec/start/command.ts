import type { Prompter } from '../../network-approval/registration/prompter.js';
import type { CommandOwner, NetworkDenial } from '../../network-approval/registration/denial.js';
import type { Work } from '../../network-approval/registration/work.js';
import type { WatchPauses } from '../end/expiration.js';
import type { TerminalSize } from '../process/child.js';
import type { OutputSink } from '../run/output.js';
import type { CommandPermissions } from './permissions.js';

/** Everything that Supervisor.start needs to know about a command. */
export interface CommandSpec {
  /** Not empty: a program and its arguments, never a shell line. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Complete, except for the marks that the supervisor adds (permissions.ts). */
  readonly env: Readonly<Record<string, string>>;
  readonly permissions: CommandPermissions;
  /** Files of the system that its environment names: it may read them, whatever its permissions say. Absolute. */
  readonly readable?: readonly string[];
  readonly io: CommandIo;
  /** From the start, in milliseconds. 0 ends the command at once, null never. */
  readonly timeoutMs: number | null;
  /** Its time limit does not run while this reports a pause. Absent: only prompts pause it. */
  readonly watchPauses?: WatchPauses;
  /** How long another process may hold the output open after the exit, in milliseconds. Absent: 2 seconds. */
  readonly drainMs?: number;
  /** Determines the recipient of prompts and denials. */
  readonly owner: CommandOwner;
  /** Receives prompts for network requests that no rule allows. Absent or null: no prompts. */
  readonly prompter?: Prompter | null;
  /** What it works for when a request arrives (RegisterOptions.workNow). Absent: a denial concerns all of it. */
  readonly workNow?: () => Work;
  /** Its abort ends the command, because its owner has gone. */
  readonly gone: AbortSignal;
  readonly stdout: OutputSink;
  /** Unused on a terminal. */
  readonly stderr: OutputSink;
}

export type CommandIo =
  /** `stdin` false: the command reads from /dev/null. */
  | { readonly kind: 'pipes'; readonly stdin: boolean }
  | { readonly kind: 'terminal'; readonly size: TerminalSize }
  /** Our own stdin, stdout and stderr. The sinks receive only texts of codexd. */
  | { readonly kind: 'inherit' };

/** A command between its start and its end. */
export interface RunningCommand {
  /** The process has exited; its output may still be arriving. */
  readonly exited: boolean;
  /** Its network is a lane: its requests are judged. */
  readonly onLane: boolean;
  /** Resolves when the command can accept more, or has ended. */
  write(data: Buffer): Promise<void>;
  /** Sends end of file on stdin after earlier data. On a terminal: a new line and ^D. */
  closeStdin(): void;
  /** Only on a terminal. */
  resize(size: TerminalSize): void;
  /**
   * Like Registration.watchPrompts: reports when a prompt about the command's network requests is open. The command's
   * timeout is paused during that time.
   */
  watchPrompts(watcher: (open: boolean) => void): () => void;
  /** Kills the whole process tree with SIGKILL, at once. */
  terminate(): void;
  /** Resolves when the sinks have all of the output and all of the command's processes are gone. */
  readonly ended: Promise<CommandEnd>;
}

/** The cause of a command's end: the first of these to be recorded. */
export type EndCause = 'exit' | 'timeout' | 'terminate' | 'ownerGone' | 'denial';

export interface CommandEnd {
  readonly cause: EndCause;
  /** docs/protocol/exec.md §2. */
  readonly exitCode: number;
  /** The reason of the network denial. Set exactly when the cause is `denial`. */
  readonly denial: NetworkDenial | null;
  /** Another process held the command's output open longer than the drain limit. */
  readonly drainTimedOut: boolean;
}
