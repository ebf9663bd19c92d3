/**
 * Checks the Codex home and the user's home: present, owned by this user, closed to others, writable, on a disk with
 * space.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs/promises';
import type { Stats } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import type { DoctorContext, HomeLook } from '../findings/context.js';
import { fileSystemOf } from '../findings/file-systems.js';
import { fail, ok, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const homesCheck: Check = {
  id: 'home',
  title: 'Homes and the current folder',
  limitMs: 15_000,
  async run(context) {
    return [...(await codexHome(context.home)), userHome(context), currentFolder(context)];
  },
};

async function codexHome({ path: home, state, said, namedBy }: HomeLook): Promise<readonly Finding[]> {
  const id = 'home.codex';
  if (home === null) {
    return [fail(id, 'there is no Codex home', 'set HOME, or CODEX_HOME to a folder that exists', said)];
  }
  const shown = namedBy === null ? home : `${home} (CODEX_HOME)`;
  switch (state) {
    case 'hangs':
      return [
        fail(
          id,
          `the Codex home ${shown} does not answer`,
          'bring the file system that it lies on back, or set CODEX_HOME to a folder on a local disk',
        ),
      ];
    case 'notFolder':
      return [
        fail(id, `the Codex home ${shown} is not a folder`, 'move that file away, or set CODEX_HOME to a folder'),
      ];
    case 'closed':
      return [
        fail(
          id,
          `the Codex home ${shown} cannot be looked at`,
          'let this user read every folder on the way, or set CODEX_HOME to a folder of its own',
          said,
        ),
      ];
    case 'missing':
      return [
        namedBy === null
          ? await notMadeYet(home)
          : fail(id, `CODEX_HOME names ${home}, which does not exist`, `mkdir -m 700 ${home}, or unset CODEX_HOME`),
      ];
    default:
      return inspect(home, shown);
  }
}

/** The home is created at the first use, if possible. */
async function notMadeYet(home: string): Promise<Finding> {
  const parent = path.dirname(home);
  try {
    await fs.access(parent, fs.constants.W_OK | fs.constants.X_OK);
    return ok('home.codex', `the Codex home ${home} does not exist yet; it is made when it is needed`);
  } catch (error) {
    return fail(
      'home.codex',
      `the Codex home ${home} does not exist and cannot be made`,
      `let this user write ${parent}, or set CODEX_HOME to a folder of its own`,
      troubleText(error),
    );
  }
}

async function inspect(home: string, shown: string): Promise<readonly Finding[]> {
  const stats = await fs.stat(home);
  return [
    await writable(home, shown),
    owned('home.owner', home, stats),
    ...(await files(home)),
    ...(await space(home)),
  ];
}

async function writable(home: string, shown: string): Promise<Finding> {
  try {
    await fs.access(home, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    return ok('home.codex', `the Codex home ${shown} can be read and written`);
  } catch (error) {
    const readOnly = osCode(error) === 'EROFS';
    const fix = readOnly
      ? 'mount the file system read-write, or set CODEX_HOME to a folder that can be written'
      : `chown ${user()} ${home} and chmod u+rwx ${home}, or set CODEX_HOME to a folder of this user`;
    return fail(
      'home.codex',
      `the Codex home ${shown} cannot be read and written: threads, logins and sandboxes need it`,
      fix,
      troubleText(error),
    );
  }
}

function owned(id: string, place: string, { uid, mode }: Stats): Finding {
  const self = process.getuid?.();
  if (self !== undefined && uid !== self) {
    return warn(
      id,
      `${place} belongs to user ${uid}, and this is user ${self}`,
      `chown -R ${user()} ${place}, or set CODEX_HOME to a folder of this user`,
    );
  }
  if (mode & 0o022) return warn(id, `${place} can be written by others (mode ${octal(mode)})`, `chmod go-w ${place}`);
  return ok(id, `${place} is this user's (mode ${octal(mode)})`);
}

/** Files that contain keys, and the configuration. */
async function files(home: string): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const [name, secret] of [
    ['auth.json', true],
    ['.credentials.json', true],
    ['config.toml', false],
  ] as const) {
    const file = path.join(home, name);
    const id = `home.${name.replace(/^\./, '').replace('.', '-')}`;
    try {
      const { mode } = await fs.stat(file);
      await fs.access(file, fs.constants.R_OK);
      if (secret && mode & 0o077)
        found.push(warn(id, `${file} can be read by others (mode ${octal(mode)})`, `chmod 600 ${file}`));
    } catch (error) {
      if (osCode(error) === 'ENOENT') continue;
      found.push(
        fail(id, `${file} cannot be read`, `chown ${user()} ${file} and chmod u+rw ${file}`, troubleText(error)),
      );
    }
  }
  return found;
}

const LITTLE = 100 * 1024 * 1024;
const NOTHING = 1024 * 1024;
const FEW_FILES = 1000;

async function space(home: string): Promise<readonly Finding[]> {
  const { remote, freeBytes, freeFiles } = await fileSystemOf(home);
  const id = 'home.space';
  const mib = `${Math.floor(freeBytes / (1024 * 1024))} MiB`;
  const room = 'make room, or set CODEX_HOME to a folder on another disk';
  const findings: Finding[] = [];
  if (freeBytes < NOTHING) findings.push(fail(id, `the disk under ${home} is full`, room));
  else if (freeBytes < LITTLE) findings.push(warn(id, `only ${mib} are free under ${home}`, room));
  else if (freeFiles !== null && freeFiles < FEW_FILES) {
    findings.push(warn(id, `only ${freeFiles} more files can be made under ${home}`, room));
  } else findings.push(ok(id, `${mib} are free under ${home}`));
  if (remote !== null) {
    findings.push(
      warn(
        'home.remote',
        `${home} lies on ${remote}: locks between programs may not hold there`,
        'set CODEX_HOME to a folder on a local disk',
      ),
    );
  }
  return findings;
}

function userHome({ env }: DoctorContext): Finding {
  const id = 'home.user';
  if (env.HOME && path.isAbsolute(env.HOME)) return ok(id, `HOME is ${env.HOME}`);
  const what = env.HOME ? `HOME is ${env.HOME}, which is not absolute` : 'HOME is not set';
  try {
    return warn(
      id,
      what,
      `set HOME (in a systemd unit: User= does, or Environment=HOME=…)`,
      `the system's list of users says ${os.homedir()}`,
    );
  } catch (error) {
    return warn(id, what, 'set HOME and CODEX_HOME', messageOf(error));
  }
}

function currentFolder({ cwd }: DoctorContext): Finding {
  if (cwd !== null) return ok('home.current-folder', `the current folder is ${cwd}`);
  return warn(
    'home.current-folder',
    'the current folder does not exist any more',
    'change to a folder that exists; a daemon that starts here works in the Codex home',
  );
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(3, '0');
const troubleText = (error: unknown): string => osTroubleText(error) ?? messageOf(error);

function user(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '$USER'); // The user has no name.
  }
}
