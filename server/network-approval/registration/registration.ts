import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { Prompter } from './prompter.js';
import type { CommandOwner, NetworkDenial } from './denial.js';

/** What a proxied command needs to run inside its lane. */
export interface LaneLease {
  /** Words that come before the sandbox's own argv: they enter the lane's namespaces (`nsenter … --`). */
  readonly enter: readonly string[];
  /** Inode of the lane's network namespace, by which everything that is in it can be found (/proc/PID/ns/net). */
  readonly networkNamespace: number;
  /** Proxy variables (docs/protocol/network.md §2); they overwrite whatever the client asked for. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that the command gets where nobody set them (proxy-environment.ts, `quietDefaults`). */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Files that the environment names: the command has to be able to read them, and must not write them. */
  readonly readable?: readonly string[];
}

export interface RegisterOptions {
  readonly owner: CommandOwner;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** null: the command has no lane (offline, or direct network); it is registered all the same. */
  readonly policy: NetworkPolicy | null;
  /** `cancel`: a denial aborts the command. `refuse`: only the request is refused, the command goes on. */
  readonly onDenial: 'cancel' | 'refuse';
  /** Who is asked about what no rule allows. Absent or null: nobody, so that it is refused. */
  readonly prompter?: Prompter | null;
  /** Its abort ends the wait for a lane: `register` rejects with its reason. */
  readonly giveUp?: AbortSignal | undefined;
}

/**
 * One command, known to the network-approval service from before it starts until after it has ended.
 * The service keeps nothing about a command once `finish` was called.
 */
export interface Registration {
  readonly id: string;
  readonly lane: LaneLease | null;
  /** Aborted when a denial that ends the command is recorded. `finish` returns the denial. */
  readonly signal: AbortSignal;
  /**
   * Calls `watcher` with true when somebody begins to be asked about this command's requests (at once, if so already),
   * and with false when the last prompt is settled. The time between is not the command's own. Returns what ends it.
   */
  watchPrompts(watcher: (open: boolean) => void): () => void;
  /**
   * The command has ended and its process tree is gone (`treeGone`: false makes the service throw the lane away instead
   * of lending it again). Returns the denial that cancelled the command, once; every later call returns null.
   */
  finish(end: { readonly treeGone: boolean }): NetworkDenial | null;
}

/**
 * The one service that every command passes. Throws `network.policy` when the policy cannot be compiled, `network.lane`
 * when no lane can be made.
 */
export interface NetworkApproval {
  register(options: RegisterOptions): Promise<Registration>;
  /** Makes a few lanes ahead of need. Never throws; trouble shows at `register`. */
  warm(): void;
  /** Closes every lane. Commands that still run lose the network. */
  close(): Promise<void>;
}
