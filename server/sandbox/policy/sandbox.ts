import { CodexdError, isCode, type ErrorDetails } from '../../errors/codexd-error.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TrustedProgram } from '../../system/programs/system-program.js';

/** Everything that the construction of a command's sandbox needs. */
export interface SandboxRequest {
  readonly argv: readonly string[];
  /** Absolute; exists (the supervisor has checked). */
  readonly cwd: string;
  /** The complete environment of the command, marks included. */
  readonly env: Readonly<Record<string, string>>;
  readonly profile: PermissionProfile;
  /** The absolute paths that replace `:workspace_roots`. */
  readonly workspaceRoots: readonly string[];
  /** Files named by its environment: it may read them and not write them, whatever the profile says. */
  readonly readable?: readonly string[];
  /**
   * `offline` and `direct` determine the network namespace here. `lane`: the caller enters a lane's namespace first.
   */
  readonly network: 'offline' | 'direct' | 'lane';
  /** With `lane`: its ports on 127.0.0.1, the only ones to open where a lane is no namespace. */
  readonly lanePorts?: readonly number[];
  /** With `lane`: how names lead to the policy; undefined: they do not, and the command has no name server. */
  readonly names?: JudgedNames | undefined;
  /** With `lane`: what to trust in the place of the system's root certificates, on Linux. */
  readonly roots?: InterceptionRoots | undefined;
  /** The command has a terminal: it keeps its controlling terminal inside the sandbox. */
  readonly terminal: boolean;
  /** The size of a terminal that the sandbox makes itself, where it can (Windows), in character cells. */
  readonly terminalSize?: { readonly rows: number; readonly cols: number };
  /** The caller handles `passOn` of the result, which saves one shell for each command. */
  readonly passesDescriptors?: boolean;
  /** Windows: the name of the job that ends the command's processes. Absent or null: they end with the launcher. */
  readonly job?: string | null;
}

/** The names of a command that are judged when it connects to them. */
export interface JudgedNames {
  /** The address of the name server that the command must ask. */
  readonly server: string;
  /** The addresses that the rules allow as such. */
  readonly addresses: readonly string[];
}

/** Files in PEM. */
export interface InterceptionRoots {
  /** Every root, the authority included. */
  readonly bundle: string;
  /** The certificate of the authority that signs for judged hosts. */
  readonly authority: string;
}

/** A command line that runs the request inside the sandbox. */
export interface SandboxedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Only for a caller that passes descriptors. */
  readonly passOn?: StartFiles;
  /** Whether a process runs in this very sandbox; absent where the system keeps no such fact (macOS has it). */
  contains?(pid: number): boolean;
  /** Removes what was made on the host for this command (temporary files, placeholders). Idempotent, never throws. */
  release(): void;
}

/** The files that the sandbox's launcher reads through descriptors. */
export interface StartFiles {
  /**
   * Opens them for a process that is started now. Their descriptors must become the process's 3, 4 and so on, in this
   * order, with no others above them. The caller closes them. Throws `sandbox.refused`.
   */
  open(): readonly number[];
  /** The content of descriptor 3. */
  readonly content: Buffer;
  /** The same for all commands that can use a process that was started with the files of `advance`. */
  readonly advance: AdvanceFiles;
  /** The sandbox without its command; null: it must not be made in advance. */
  readonly sandbox: AdvanceSandbox | null;
}

/** A sandbox that may be made before its command is known: a shell waits in it. */
export interface AdvanceSandbox {
  /** Of the command that it was planned for, as that command sees it. No part of the sandbox. */
  readonly workingFolder: string;
  /** Whether a sandbox of the other, made now, would be the same. */
  isSame(other: AdvanceSandbox): boolean;
  /** The program that makes it around a shell with these words. */
  around(shellWords: readonly string[]): { readonly file: string; readonly args: readonly string[] };
  /** As AdvanceFiles.open, with all that its launcher needs. Throws `sandbox.refused`. */
  open(): ReturnType<AdvanceFiles['open']>;
  /** Whether all mounts are at their places in the sandbox of this launcher. */
  holds(launcher: number): boolean;
}

/** For a process that is started before its command is known. */
export interface AdvanceFiles {
  readonly key: string;
  /**
   * Opens what must become the process's descriptors 3, 4 and 5: `launch`, which is empty, the filter, and `script`,
   * which is empty, too. The caller closes all. Throws `sandbox.refused`.
   */
  open(): { readonly launch: number; readonly filter: number; readonly script: number };
}

/** Whether commands can be sandboxed here. Probed once. */
export type SandboxStatus =
  | {
      readonly available: true;
      readonly kind: 'bubblewrap';
      readonly program: TrustedProgram;
      readonly version: string;
    }
  /** Windows: the users, access lists and firewall rules of codexd, proved by canaries (sandbox/windows/proof.ts). */
  | { readonly available: true; readonly kind: 'windows'; readonly version: string }
  /** macOS: every wall has held under sandbox-exec(1) (sandbox/macos/proof.ts). `version` is the kernel's. */
  | {
      readonly available: true;
      readonly kind: 'seatbelt';
      readonly program: TrustedProgram;
      readonly version: string;
      /** The names of the walls that were tried. */
      readonly walls: readonly string[];
    }
  /** `reason` names what is missing; `fix` names the remedy. */
  | { readonly available: false; readonly reason: string; readonly fix: string };

export interface Sandbox {
  status(): Promise<SandboxStatus>;
  /**
   * Throws `sandbox.refused` (reason and way out in the message) when the request cannot be enforced. Never weakens it.
   */
  wrap(request: SandboxRequest): Promise<SandboxedCommand>;
}

/** The command's permissions cannot be enforced, so it does not run. */
export const sandboxRefused = (message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError('sandbox.refused', message, details);

/** Whether it is such a refusal, whatever its reason. */
export const isSandboxRefusal = (error: unknown): error is CodexdError =>
  isCode(error, 'sandbox.refused', 'sandbox.tree-moved');
