/**
 * The token of a sandboxed command.
 *
 * Threat: a command has the rights of its user, and could change every file that this user may write, use privileges,
 * or change the memory of another command of the same user, whose capabilities are others. A system may answer that it
 * restricted a token, and return the same one (Wine does).
 * Rule: a token without privileges whose writes need a capability SID of the command's own roots, its logon's SID, or
 * what everyone may write. It is read back and compared before anything starts with it. What the command makes belongs
 * to its own logon: other commands of the same user cannot open its processes, and the owner cannot change that.
 * Scope: writes, privileges, processes. Non-scope: reads. A token that restricts writes alone reads what its user may
 * read, so denied reads need another user (identity.ts).
 */
import type { CodexdError } from '../../../errors/codexd-error.js';
import { Win32Error, win32Security } from '../../../system/windows/win32-security.js';
import { tokenCalls, type TokenCalls, type TokenFacts } from '../../../system/windows/process/win32-token.js';
import { sandboxRefused } from '../../policy/sandbox.js';

/** Well-known SIDs. */
const [EVERYONE, ADMINISTRATORS] = ['S-1-1-0', 'S-1-5-32-544'];
/** SE_GROUP_LOGON_ID, SE_GROUP_ENABLED (winnt.h). */
const [LOGON_ID, ENABLED] = [0xc0000000, 0x4];
/** SeChangeNotifyPrivilege, which everyone has: without it, no folder could be passed through. */
const CHANGE_NOTIFY = 23;

/** The SID of the logon that a token belongs to; null: it has none. */
export const logonSid = ({ groups }: TokenFacts): string | null =>
  groups.find(({ attributes }) => (attributes & LOGON_ID) >>> 0 === LOGON_ID)?.sid ?? null;

/** What is wrong with a token that was restricted by `asked`; empty: nothing. */
export function tokenProblems(facts: TokenFacts | null, asked: readonly string[]): readonly string[] {
  if (facts === null) return ['it cannot be read'];
  const problems: string[] = [];
  const missing = asked.filter((sid) => !facts.restricting.includes(sid));
  const others = facts.restricting.filter((sid) => !asked.includes(sid));
  if (facts.restricting.length === 0) problems.push('its writes are not restricted');
  else if (missing.length + others.length > 0)
    problems.push(
      `its writes are restricted by other SIDs (missing: ${missing.join()}; not asked for: ${others.join()})`,
    );
  const kept = facts.privileges.filter((privilege) => privilege !== CHANGE_NOTIFY);
  if (kept.length > 0) problems.push(`it has the privileges ${kept.join(', ')}`);
  if (facts.groups.some(({ sid, attributes }) => sid === ADMINISTRATORS && (attributes & ENABLED) !== 0))
    problems.push('it is an administrator');
  return problems;
}

/**
 * SDDL: who may open what a command of this logon makes. The owner cannot change it: an entry for the owner's rights
 * (OW) replaces that right with the one to read the list.
 */
export const ownList = (logon: string): string => `D:P(A;;GA;;;SY)(A;;GA;;;${logon})(A;;RC;;;OW)`;

/** Who may open the runner: nobody who runs commands. The launcher has the handle that it started it with. */
export const RUNNER_LIST = 'D:P(A;;GA;;;SY)(A;;RC;;;OW)';

/** The bytes of a descriptor. Throws `sandbox.refused`. */
export function descriptorOf(sddl: string): Buffer {
  const made = win32Security().descriptor(sddl);
  if (made instanceof Win32Error) throw sandboxRefused(made.toString());
  return made;
}

/** What a command starts with. */
export interface CommandToken {
  /** A primary token. */
  readonly token: number;
  readonly logon: string;
}

/**
 * Restricts the token of this process. `asUser`: the user itself may write as well, which is right for a user that only
 * runs sandboxed commands. Throws `sandbox.refused`.
 */
export function restrictedToken(
  capabilities: readonly string[],
  asUser: boolean,
  calls: TokenCalls = tokenCalls(),
  descriptor = descriptorOf,
): CommandToken {
  const own = calls.openOwn();
  if (own <= 0) throw refused(`the runner's token cannot be opened (os error ${-own})`);
  const facts = calls.read(own);
  if (facts === null) throw refused("the runner's token cannot be read");
  const logon = logonSid(facts);
  if (logon === null) throw refused('the runner has no logon of its own');
  const asked = [...new Set([...capabilities, ...(asUser ? [facts.user] : []), logon, EVERYONE])];
  const token = calls.restrict(own, asked);
  if (token === 0) throw refused('no restricted token can be made');
  const problems = tokenProblems(calls.read(token), asked);
  if (problems.length > 0) throw refused(`Windows made a token that is not restricted: ${problems.join('; ')}`);
  const code = calls.setDefaultList(token, descriptor(ownList(logon)));
  if (code !== 0) throw refused(`the command's objects cannot be closed to other commands (os error ${code})`);
  return { token, logon };
}

const refused = (reason: string): CodexdError =>
  sandboxRefused(`${reason}; run codexd on a Windows that enforces restricted tokens (Wine does not)`);
