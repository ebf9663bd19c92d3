/** The password of a sandbox user, as the set-up stored it. */
import { messageOf } from '../../../errors/message-of.js';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { win32Secrets } from '../../../system/windows/win32-secrets.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import { readPassword, type Secrets } from '../setup-state.js';

const AGAIN = 'run `codexd windows-sandbox-setup` again, as an administrator';

/** Throws `sandbox.refused` if there is none, or it was encrypted on another machine. `secrets`: for tests. */
export function sandboxSecret(
  codexHome: string,
  user: 'offline' | 'online',
  secrets: Pick<Secrets, 'unprotect'> = { unprotect },
): string {
  let password: string | null;
  try {
    const protect = (): never => {
      throw new TypeError('nothing is encrypted here');
    };
    password = readPassword(codexHome, user, { ...secrets, protect });
  } catch (cause) {
    throw sandboxRefused(`the password of the user \`${user}\` cannot be read: ${messageOf(cause)}; ${AGAIN}`, {
      cause,
    });
  }
  if (password !== null) return password;
  throw sandboxRefused(`there is no password of the user \`${user}\` of the sandbox; ${AGAIN}`);
}

function unprotect(sealed: Buffer): Buffer {
  const plain = win32Secrets().unprotect(sealed);
  if (plain instanceof Win32Error) throw sandboxRefused(plain.toString());
  return plain;
}
