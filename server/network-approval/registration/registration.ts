import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { Prompter } from './prompter.js';
import type { CommandOwner, NetworkDenial } from './denial.js';
import type { Work } from './work.js';

/** A lane that is a namespace. The object itself identifies it: numbers are given again. */
export interface LaneNamespace {
  readonly enter: readonly string[];
  readonly networkNamespace: number;
}

/** Has something ready in idle lanes, for their next commands. */
export interface LanePreparer {
  /** Nobody has the lane until this resolves. Never rejects. */
  prepare(lane: LaneNamespace): Promise<void>;
  /** Ends what is ready. Resolves when nothing of it is in the lane. null: there is nothing. Never rejects. */
  discard(lane: LaneNamespace): Promise<void> | null;
}

/** Everything that a proxied command needs to run inside its lane. */
export interface LaneLease {
  /** The words before the sandbox's own argv: they enter the lane's namespaces (`nsenter … --`). Empty without such. */
  readonly enter: readonly string[];
  /**
   * Inode of the lane's network namespace. It identifies all processes in the lane (/proc/PID/ns/net). Null where a
   * lane is no namespace.
   */
  readonly networkNamespace: number | null;
  /** The lane that was prepared, if it was. Absent where a lane is no namespace. */
  readonly prepared?: LaneNamespace;
  /** The ports of the lane on 127.0.0.1: the only ones that the command may reach where a lane is no namespace. */
  readonly ports: readonly number[];
  /** Proxy variables (docs/protocol/network.md §2). They override the client's values. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that the command must not see: secrets that hooks add to its requests. */
  readonly withheld?: readonly string[];
  /** Variables with defaults that apply only when nobody set them (proxy-environment.ts, `quietDefaults`). */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Files that the environment names: the command must be able to read them, and must not write them. */
  readonly readable?: readonly string[];
  /** With interception: the file of root certificates that the environment names, and that of the authority alone. */
  readonly roots?: { readonly bundle: string; readonly authority: string };
  /** In a lane for `transparent_tcp`: its name server, and the addresses that rules allow as such. */
  readonly names?: { readonly server: string; readonly addresses: readonly string[] };
}

export interface RegisterOptions {
  readonly owner: CommandOwner;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** null: the command has no lane (offline, or direct network) but is still registered. */
  readonly policy: NetworkPolicy | null;
  /** `cancel`: a denial aborts the command. `refuse`: only the request is refused, and the command continues. */
  readonly onDenial: 'cancel' | 'refuse';
  /** Receives prompts for requests that no rule allows. Absent or null: no prompts, so such requests are refused. */
  readonly prompter?: Prompter | null;
  /**
   * Returns what the command works for at this moment; called when a request arrives. A refused request concerns only
   * that work: `onDenial` and `prompter` do not count. Absent: requests concern the command as a whole.
   */
  readonly workNow?: (() => Work) | undefined;
  /** Its abort ends the wait for a lane: `register` rejects with its reason. */
  readonly giveUp?: AbortSignal | undefined;
}

/**
 * One command, registered with the network-approval service from before its start until after its end. The service
 * keeps nothing about a command after `finish`.
 */
export interface Registration {
  readonly id: string;
  readonly lane: LaneLease | null;
  /** Aborted when a denial that ends the command is recorded. `finish` returns the denial. */
  readonly signal: AbortSignal;
  /**
   * Says which processes are the command's, where the system knows: by its job (ProcessTree.contains) or by its sandbox
   * (SandboxedCommand.contains). Call it once, before the first of them starts. Namespaces need no claim.
   */
  claim(contains: (pid: number) => boolean): void;
  /**
   * Calls `watcher` with true when the first prompt about this command's requests opens (at once, if one is open), and
   * with false when the last prompt is settled. The time between does not count as the command's time. Returns the
   * function that stops watching.
   */
  watchPrompts(watcher: (open: boolean) => void): () => void;
  /** Octets of its connections to the proxy so far. */
  traffic?(): { readonly sent: number; readonly received: number };
  /**
   * Ends the registration after the command has ended. `treeGone`: its process tree is gone; false makes the service
   * discard the lane instead of reusing it. The first call returns the denial that cancelled the command; every later
   * call returns null.
   */
  finish(end: { readonly treeGone: boolean }): NetworkDenial | null;
}

/**
 * The network-approval service: every command registers with it. Throws `network.policy` when the policy cannot be
 * compiled, `network.lane` when no lane can be made.
 */
export interface NetworkApproval {
  register(options: RegisterOptions): Promise<Registration>;
  /** Makes a few lanes in advance. `transparent`: for `transparent_tcp`. Never throws; errors appear at `register`. */
  warm(request?: { readonly transparent?: boolean }): void;
  /** From now on idle lanes are prepared. */
  prepareLanes?(preparer: LanePreparer): void;
  /** Closes every lane. Commands that still run lose the network. */
  close(): Promise<void>;
}
