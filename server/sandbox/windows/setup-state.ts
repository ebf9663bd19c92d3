/**
 * What the set-up of the Windows sandbox left in the Codex home: a marker, written last, and the users' passwords.
 *
 * Threat: a half set-up that is taken for a whole one is a user without rules; a file of somebody else names users
 * whose walls nobody has proved.
 * Rule: without a marker of this version that reads completely, there is no sandbox. It is removed before a set-up and
 * written after its last step. The official program's marker and users are never read.
 * Scope: what is on the disk. Non-scope: whether the walls hold, which the proof asks (proof.ts) before the first use.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { isObject } from '../../system/node/objects.js';

/** Raised when a set-up must be made again. */
export const SETUP_VERSION = 1;

export interface SandboxAccount {
  readonly name: string;
  readonly sid: string;
}

export interface SetupMarker {
  readonly version: number;
  readonly users: { readonly offline: SandboxAccount; readonly online: SandboxAccount };
  /** The local group of both. */
  readonly group: SandboxAccount;
  /** Loopback TCP ports that the offline user may connect to. */
  readonly lanePorts: readonly number[];
  readonly allowLocalBinding: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export type SetupState =
  | { readonly status: 'ready'; readonly marker: SetupMarker }
  /** `updateRequired`: there is a marker, of another version or unreadable. */
  | { readonly status: 'notConfigured' | 'updateRequired' };

/**
 * How files of the set-up's folder are written: the administrator who runs the set-up may be another user than the one
 * of the Codex home, and the folder's list has the latter.
 */
export const IN_ITS_FOLDER = { durable: true, inherits: true } as const;

/** Its list names the daemon's user, the system and the administrators only. */
export const setupFolder = (codexHome: string): string => path.join(codexHome, '.codexd-sandbox');
const markerFile = (codexHome: string): string => path.join(setupFolder(codexHome), 'setup.json');
const secretsFile = (codexHome: string): string => path.join(setupFolder(codexHome), 'secrets.json');

/** Throws what the file system throws, except for a file that is not there. */
export function readSetup(codexHome: string): SetupState {
  const text = textOf(markerFile(codexHome));
  if (text === null) return { status: 'notConfigured' };
  const marker = markerIn(text);
  return marker === null ? { status: 'updateRequired' } : { status: 'ready', marker };
}

/** All of it or nothing, and on the disk. Throws what the file system throws. */
export function writeMarker(codexHome: string, marker: SetupMarker): void {
  writeFileAtomically(markerFile(codexHome), `${JSON.stringify(marker, null, 2)}\n`, IN_ITS_FOLDER);
}

/** Idempotent. Throws what the file system throws. */
export const removeMarker = (codexHome: string): void => fs.rmSync(markerFile(codexHome), { force: true });

/** Encrypts and decrypts for this machine or this user (DPAPI). Throws what cannot be done. */
export interface Secrets {
  protect(plain: Buffer): Buffer;
  unprotect(sealed: Buffer): Buffer;
}

export type Passwords = Readonly<Record<'offline' | 'online', string>>;

/** Throws what the file system and `secrets` throw. */
export function writePasswords(codexHome: string, passwords: Passwords, secrets: Secrets): void {
  const seal = (password: string): string => secrets.protect(Buffer.from(password, 'utf8')).toString('base64');
  const sealed = { version: SETUP_VERSION, offline: seal(passwords.offline), online: seal(passwords.online) };
  writeFileAtomically(secretsFile(codexHome), `${JSON.stringify(sealed)}\n`, IN_ITS_FOLDER);
}

/** Idempotent. Throws what the file system throws. */
export const removePasswords = (codexHome: string): void => fs.rmSync(secretsFile(codexHome), { force: true });

/** The password of a user for its logon; null: none that can be read is stored. Throws what `secrets` throws. */
export function readPassword(codexHome: string, user: 'offline' | 'online', secrets: Secrets): string | null {
  const stored = json(textOf(secretsFile(codexHome)) ?? '');
  const sealed = isObject(stored) && stored.version === SETUP_VERSION ? stored[user] : undefined;
  return typeof sealed === 'string' ? secrets.unprotect(Buffer.from(sealed, 'base64')).toString('utf8') : null;
}

function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (osCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // Half a file, or another program's.
  }
}

function markerIn(text: string): SetupMarker | null {
  const value = json(text);
  if (!isObject(value) || value.version !== SETUP_VERSION || !isObject(value.users)) return null;
  const [offline, online, group] = [value.users.offline, value.users.online, value.group].map(account);
  const { lanePorts, allowLocalBinding, createdAt } = value;
  if (!offline || !online || !group || !Array.isArray(lanePorts)) return null;
  const ports = lanePorts.filter((port): port is number => Number.isInteger(port) && port > 0 && port < 65536);
  if (ports.length !== lanePorts.length || typeof allowLocalBinding !== 'boolean') return null;
  if (typeof createdAt !== 'string' || offline.sid === online.sid) return null;
  return { version: SETUP_VERSION, users: { offline, online }, group, lanePorts: ports, allowLocalBinding, createdAt };
}

function account(value: unknown): SandboxAccount | null {
  if (!isObject(value)) return null;
  const { name, sid } = value;
  const isOwn = typeof name === 'string' && /^codexd[\w-]{0,14}$/.test(name);
  // Only an account of this machine: never a group that everyone is in.
  return isOwn && typeof sid === 'string' && /^S-1-5-21(?:-\d{1,10}){4}$/.test(sid) ? { name, sid } : null;
}
