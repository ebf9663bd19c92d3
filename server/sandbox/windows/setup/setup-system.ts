/** What a set-up needs of the system: Windows' calls, and parts that tests replace. */
import type { FirewallPolicy } from '../../../system/windows/administration/win32-firewall.js';
import type { Win32Accounts } from '../../../system/windows/administration/win32-accounts.js';
import type { Win32Registry } from '../../../system/windows/administration/win32-registry.js';
import type { Win32Error, Win32Security } from '../../../system/windows/win32-security.js';
import type { FileLists } from '../access-change.js';
import type { Secrets, SetupMarker } from '../setup-state.js';

/** One wall that a canary has tried to pass. */
export interface ProvedWall {
  /** What it keeps away, in words. */
  readonly name: string;
  readonly result: 'held' | 'leaked' | 'unreadable';
}

/** Runs canaries as the users of the sandbox (proof.ts). The passwords are stored; the marker is not written yet. */
export type ProveSandbox = (codexHome: string, marker: SetupMarker) => Promise<readonly ProvedWall[]>;

export interface SetupSystem {
  readonly accounts: Win32Accounts;
  readonly registry: Win32Registry;
  readonly security: Pick<Win32Security, 'accountOf' | 'nameOf' | 'isElevated' | 'ownSids'>;
  openFirewall(): FirewallPolicy | Win32Error;
  readonly lists: FileLists;
  readonly secrets: Secrets;
  readonly prove: ProveSandbox;
  /** A new password that every password policy accepts. */
  password(): string;
  now(): Date;
}

export interface SetupOptions {
  /** Absolute. */
  readonly codexHome: string;
  /** Loopback ports for lanes. */
  readonly lanePorts: readonly number[];
  readonly allowLocalBinding: boolean;
  /** Folders that commands must be able to read: codexd, its Node, and the folders of the user's profile. Absolute. */
  readonly readable: readonly string[];
}

const STEPS = [
  'folder',
  'group',
  'users',
  'secrets',
  'firewall',
  'hide_users',
  'access',
  'canaries',
  'marker',
] as const;

/** Where a set-up failed. Clients and `codexd windows-sandbox-setup` show it before the text. */
export const SETUP_ERROR_CODES = [
  'not_windows',
  'not_allowed',
  'not_elevated',
  'elevation_cancelled',
  'elevation_failed',
  'no_report',
  'config',
  ...STEPS,
] as const;

export type SetupErrorCode = (typeof SETUP_ERROR_CODES)[number];
export type SetupStepName = (typeof STEPS)[number];

export interface SetupFailure {
  readonly code: SetupErrorCode;
  readonly text: string;
}

/** As clients get it. */
export const failureText = ({ code, text }: SetupFailure): string => `${code}: ${text}`;
