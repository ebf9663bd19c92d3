/**
 * The secrets that hooks add to requests: from the daemon's environment, or from a file, read again for each command.
 *
 * Threat: a secret in a log, in an error, or in the hands of the command that it must be kept from.
 * Rule: an error names where the secret should be, never what was there. The variable is taken out of the command's
 * environment, and the profile denies the file (config/permissions/profiles.ts).
 * Non-scope: a server that sends back what it was sent.
 */
import fs from 'node:fs';
import { isCode } from '../../errors/codexd-error.js';
import { osCode } from '../../errors/os-code.js';
import { policyError } from '../../errors/network-errors.js';
import type { InjectedHeader, MitmHook } from '../../config/permissions/mitm-hooks.js';
import { isFieldValue } from '../proxy/http/request-head.js';

/** Octets of a file, and so of a header: more than servers accept in one. */
const MAX_SECRET = 8 * 1024;

/** The value of the header. Throws `network.policy`. */
export async function injectedValue(
  header: InjectedHeader,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { name, prefix, from } = header;
  const fail = (problem: string): Error => policyError(`failed to compile injected header ${name}: ${problem}`);
  const place = 'file' in from ? `the secret file ${from.file}` : `the environment variable ${from.variable}`;
  const secret = 'file' in from ? await contentOf(from.file, fail) : environment[from.variable];
  if (secret === undefined) throw fail(`${place} is missing`);
  if (secret === '') throw fail(`${place} is empty`);
  const value = `${prefix}${secret}`;
  // A server trims a value, and the octets of a header are Latin-1.
  if (!isFieldValue(value) || value !== value.trim()) throw fail(`${place} contains what a header cannot carry`);
  return value;
}

/** Without the white space around it. */
async function contentOf(file: string, fail: (problem: string) => Error): Promise<string> {
  let handle: fs.promises.FileHandle | null = null;
  try {
    // A pipe that nobody writes would block the open.
    handle = await fs.promises.open(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const status = await handle.stat();
    if (!status.isFile()) throw fail(`the secret file ${file} is no regular file`);
    if (status.size > MAX_SECRET) throw fail(`the secret file ${file} is longer than ${MAX_SECRET} octets`);
    return (await handle.readFile('utf8')).trim();
  } catch (error) {
    if (isCode(error, 'network.policy')) throw error;
    const code = osCode(error);
    throw code === undefined ? error : fail(`the secret file ${file} cannot be read (${code})`);
  } finally {
    await handle?.close();
  }
}

/** The variables that no command with these hooks may see. */
export const secretVariables = (hooks: readonly MitmHook[]): readonly string[] =>
  hooks.flatMap(({ inject }) => inject.flatMap(({ from }) => ('variable' in from ? [from.variable] : [])));
