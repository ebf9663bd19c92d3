/**
 * Starts the runner as the user of a sandbox.
 *
 * Threat: an error of a logon that looks like a failure of the command; a runner that is started as another user than
 * asked.
 * Rule: one function starts it. An error of Windows is a refusal that names the user, the number and the way out.
 * Nothing is tried again with fewer walls.
 * Scope: the start, and its errors. Non-scope: what the runner does then.
 */
import type { CodexdError } from '../../../errors/codexd-error.js';
import { processCalls, type NativeProcess, type NativeStart } from '../../../system/windows/process/win32-process.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import type { LaunchRequest } from './launch-request.js';

/** Returns a suspended process. Throws `sandbox.refused`. Tests start it as this user instead. */
export type StartAs = (
  request: Pick<LaunchRequest, 'logon' | 'codexHome'>,
  start: NativeStart,
) => Promise<NativeProcess>;

/** `secretOf`: the password of a sandbox user (setup-state.ts). */
export type SecretOf = (codexHome: string, user: 'offline' | 'online') => Promise<string> | string;

export const createStartAs =
  (secretOf: SecretOf): StartAs =>
  async ({ logon, codexHome }, start) => {
    const calls = processCalls();
    const started =
      logon === null
        ? calls.createProcess(start)
        : calls.createProcessWithLogon(
            { user: logon.name, domain: '.', password: await secretOf(codexHome, logon.user) },
            start,
          );
    if (typeof started === 'number') throw startRefusal(started, logon?.name ?? null, start.words[0] ?? '');
    return started;
  };

const SET_UP = 'set the sandbox up again: `codexd windows-sandbox-setup` as an administrator';

/** What an error of the start means, and what to do. winerror.h. */
const CAUSES: Readonly<Record<number, readonly [cause: string, fix: string]>> = {
  2: ['its program is not where the sandbox user finds it', 'install codexd and Node where all users may read, or '],
  5: [
    'access is denied',
    'let the users of the sandbox read the folders of codexd and Node; a policy of this machine may also forbid the Secondary Logon service (seclogon); ',
  ],
  120: ['this system cannot start programs as another user', 'use Windows 10 or newer; Wine is not enough'],
  1056: ['the Secondary Logon service is starting', 'try again'],
  1058: [
    'the Secondary Logon service (seclogon) is disabled',
    'let an administrator enable it (`sc config seclogon start= demand`)',
  ],
  1168: ['its profile or its stored password is missing', ''],
  1312: ['its logon session does not exist', ''],
  1326: ['its password is not the stored one', ''],
  1327: ['a policy restricts this account', 'let an administrator allow it, or '],
  1331: ['its account is disabled', 'let an administrator enable it, or '],
  1385: [
    'it may not log on here',
    'let an administrator grant it "Log on locally" (secpol.msc, User Rights Assignment), or ',
  ],
  1907: ['its password has to be changed', ''],
  1909: ['its account is locked after wrong passwords', 'wait for the time of the lock (usually 10 minutes), or '],
};

/** `user`: null for this one. */
export function startRefusal(code: number, user: string | null, program: string): CodexdError {
  const [cause, fix] = CAUSES[code] ?? ['Windows refuses it', ''];
  const who = user === null ? 'as this user' : `as ${user}`;
  const way = fix === '' || fix.endsWith(' ') ? fix + SET_UP : fix;
  return sandboxRefused(`the sandbox's runner (${program}) does not start ${who}: ${cause} (os error ${code}); ${way}`);
}
