/**
 * The secrets that hooks put into requests: from the daemon's environment, or from a file, read again for each command.
 *
 * Threat: a secret in a log, in an error, or in the hands of the command that it must be kept from.
 * Rule: an error names where the secret should be, never what was there. The variable is taken out of the command's
 * environment, and the profile denies the file (config/permissions/profiles.ts).
 * Non-scope: a server that sends back what it was sent.
 */
import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { isCode } from '../../errors/codexd-error.js';
import { osCode } from '../../errors/os-code.js';
import { policyError } from '../../errors/network-errors.js';
import { secretSources, type InjectedHeader } from '../../config/permissions/mitm-actions.js';
import type { MitmHook } from '../../config/permissions/mitm-hooks.js';
import type { SecretSource } from '../../config/permissions/secret-source.js';
import { isFieldValue } from '../proxy/http/request-head.js';

/** The daemon's. */
export type SecretEnvironment = Readonly<Record<string, string | undefined>>;

/** Octets of one; the official program's own limit. */
const MAX_SECRET = 64 * 1024;
/** Octets of one in a header: more than servers accept. */
const MAX_IN_HEADER = 8 * 1024;

/** The value of the header. Throws `network.policy`. */
export async function injectedValue(header: InjectedHeader, environment: SecretEnvironment): Promise<string> {
  const { name, prefix, from } = header;
  const fail = failing(`injected header ${name}`);
  const value = `${prefix}${await secretOf(from, environment, fail, MAX_IN_HEADER)}`;
  // A server trims a value, and the octets of a header are Latin-1.
  if (!isFieldValue(value) || value !== value.trim())
    throw fail(`${placeOf(from)} contains what a header cannot carry`);
  return value;
}

/** An error about one part of a hook. */
export type Fail = (problem: string) => Error;

export const failing =
  (part: string): Fail =>
  (problem) =>
    policyError(`failed to compile ${part}: ${problem}`);

/** For errors. */
export const placeOf = (from: SecretSource): string =>
  'file' in from ? `the secret file ${from.file}` : `the environment variable ${from.variable}`;

/** What stands there; of a file, without the white space around it. Throws what `fail` makes. */
export async function secretOf(
  from: SecretSource,
  environment: SecretEnvironment,
  fail: Fail,
  limit = MAX_SECRET,
): Promise<string> {
  const place = placeOf(from);
  const secret = 'file' in from ? await contentOf(from.file, limit, fail) : environment[from.variable];
  if (secret === undefined) throw fail(`${place} is missing`);
  if (secret === '') throw fail(`${place} is empty`);
  if (Buffer.byteLength(secret) > limit) throw fail(`${place} is longer than ${limit} octets`);
  return secret;
}

async function contentOf(file: string, limit: number, fail: Fail): Promise<string> {
  let handle: fs.promises.FileHandle | null = null;
  try {
    // A pipe that nobody writes would block the open.
    handle = await fs.promises.open(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const status = await handle.stat();
    if (!status.isFile()) throw fail(`the secret file ${file} is no regular file`);
    if (status.size > limit) throw fail(`the secret file ${file} is longer than ${limit} octets`);
    const content = await handle.readFile();
    if (!isUtf8(content)) throw fail(`the secret file ${file} is not UTF-8`);
    return content.toString('utf8').trim();
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
  hooks.flatMap((hook) => secretSources(hook).flatMap((from) => ('variable' in from ? [from.variable] : [])));
