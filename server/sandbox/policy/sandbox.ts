import { CodexdError, isCode, type ErrorDetails } from '../../errors/codexd-error.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TrustedProgram } from '../../system/programs/system-program.js';

/** What is known about one command when its sandbox is built. */
export interface SandboxRequest {
  readonly argv: readonly string[];
  /** Absolute; exists (the supervisor has checked). */
  readonly cwd: string;
  /** Complete environment of the command, marks included. */
  readonly env: Readonly<Record<string, string>>;
  readonly profile: PermissionProfile;
  /** What `:workspace_roots` stands for: absolute paths. */
  readonly workspaceRoots: readonly string[];
  /** Files that its environment names and that it may read, and not write, whatever the profile says. */
  readonly readable?: readonly string[];
  /**
   * `offline` and `direct` decide about the network namespace here; `lane`: the caller enters a lane's namespace first.
   */
  readonly network: 'offline' | 'direct' | 'lane';
  /** The command gets a terminal: it keeps its controlling terminal inside the sandbox. */
  readonly terminal: boolean;
  /** The caller knows what to do with `passOn` of the result, which saves a shell a command. */
  readonly passesDescriptors?: boolean;
}

/** A command line that runs the request inside the sandbox. */
export interface SandboxedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Only for a caller that passes descriptors. */
  readonly passOn?: {
    /** Must become the process's descriptors 3, 4 … in this order, with none above them. */
    readonly descriptors: readonly number[];
    /** To be called when the process has been started, or has not. Idempotent; `release` does it too. */
    close(): void;
  };
  /** Undoes what was made on the host for this command (temporary files, placeholders). Idempotent, never throws. */
  release(): void;
}

/** Whether commands can be sandboxed here: probed once. */
export type SandboxStatus =
  | {
      readonly available: true;
      readonly kind: 'bubblewrap';
      readonly program: TrustedProgram;
      readonly version: string;
    }
  /** `reason` names what is missing, `fix` what to do about it. */
  | { readonly available: false; readonly reason: string; readonly fix: string };

export interface Sandbox {
  status(): Promise<SandboxStatus>;
  /**
   * Throws `sandbox.refused` (reason and way out in the message) when the request cannot be enforced; never weakens it.
   */
  wrap(request: SandboxRequest): Promise<SandboxedCommand>;
}

/** The command cannot be held to its permissions, so it does not run. */
export const sandboxRefused = (message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError('sandbox.refused', message, details);

/** Whether it is such a refusal, whatever its reason. */
export const isSandboxRefusal = (error: unknown): error is CodexdError =>
  isCode(error, 'sandbox.refused', 'sandbox.tree-moved');
