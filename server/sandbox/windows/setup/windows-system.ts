/** Windows itself, for the set-up. Loaded on Windows only. */
import { randomInt } from 'node:crypto';
import { sandboxRefused } from '../../policy/sandbox.js';
import { openFirewall } from '../../../system/windows/administration/win32-firewall.js';
import { win32Accounts } from '../../../system/windows/administration/win32-accounts.js';
import { win32Registry } from '../../../system/windows/administration/win32-registry.js';
import { win32Secrets } from '../../../system/windows/win32-secrets.js';
import { Win32Error, win32Security } from '../../../system/windows/win32-security.js';
import { fileLists } from '../file-lists.js';
import type { Secrets } from '../setup-state.js';
import type { ProveSandbox, SetupSystem } from './setup-system.js';

/** Throws `machine.native-module`. */
export const windowsSystem = (prove: ProveSandbox): SetupSystem => ({
  accounts: win32Accounts(),
  registry: win32Registry(),
  security: win32Security(),
  openFirewall,
  lists: fileLists,
  secrets: machineSecrets,
  prove,
  password: newPassword,
  now: () => new Date(),
});

/**
 * DPAPI for this machine: the set-up may run as another administrator than the person whose daemon reads them. The list
 * of the folder keeps others out.
 */
export const machineSecrets: Secrets = {
  protect: (plain) => usable(win32Secrets().protect(plain, 'machine')),
  unprotect: (sealed) => usable(win32Secrets().unprotect(sealed)),
};

function usable(result: Buffer | Win32Error): Buffer {
  if (!(result instanceof Win32Error)) return result;
  throw sandboxRefused(
    `a password of the sandbox's users cannot be used: ${result.toString()}; run codexd windows-sandbox-setup again`,
  );
}

const KINDS = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%+-=_.'];
const LENGTH = 32;

/** Of all kinds of characters, which password policies ask for; about 190 random bits. */
export function newPassword(): string {
  const all = KINDS.join('');
  const pick = (letters: string): string => letters[randomInt(letters.length)] ?? '';
  const word = [...KINDS.map(pick), ...Array.from({ length: LENGTH - KINDS.length }, () => pick(all))];
  for (let i = word.length - 1; i > 0; i--) {
    const other = randomInt(i + 1);
    [word[i], word[other]] = [word[other] ?? '', word[i] ?? ''];
  }
  return word.join('');
}
