/** Checks the running package: whether it is complete, its identity, and its missing optional parts. */
import { messageOf } from '../../errors/message-of.js';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../package/package-root.js';
import { isCode } from '../../errors/codexd-error.js';
import { whyStartsFork } from '../../exec/process/forkless-start.js';
import { loadNativeModule, nativeProgram, SYSTEM_CALLS, TERMINALS } from '../../system/node/native-module.js';
import { HAS_CONSOLES } from '../../system/programs/console-terminal.js';
import { paths, realPath } from '../../system/files/paths.js';
import { isExecutable } from '../../system/programs/path-search.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../../package/package-version.js';
import { fail, ok, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const installationCheck: Check = {
  id: 'installation',
  title: 'Installation',
  limitMs: 15_000,
  run({ env }) {
    const root = packageRoot();
    return [version(root), whole(root), launcher(root), ...onPath(root, env.PATH), terminals(root), ...starts()];
  },
};

const version = (root: string): Finding =>
  ok('installation.version', `codexd ${CODEXD_VERSION}, which speaks protocol ${PROTOCOL_VERSION}`, root);

const AGAIN = 'install codexd again (npm i -g codexd), or build the clone again (npm run build), and restart daemons';

/** Compares every built file with the build's record. Finds an interrupted install, and two versions in one folder. */
function whole(root: string): Finding {
  const id = 'installation.whole';
  let list: string;
  try {
    list = fs.readFileSync(path.join(root, 'dist', 'files.sha256'), 'utf8');
  } catch (error) {
    return fail(id, 'the package does not say which files it has', AGAIN, messageOf(error));
  }
  const wanted = [...list.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)];
  const broken = wanted.flatMap(([, sha256, name = '']) => {
    const is = digest(path.join(root, 'dist', name));
    return is === sha256 ? [] : [`dist/${name} ${is === null ? 'is missing or cannot be read' : 'is another one'}`];
  });
  if (broken.length === 0) return ok(id, `the package is whole (${wanted.length} files)`);
  const shown = broken.slice(0, SHOWN).join('\n');
  return fail(id, `the package is not whole: ${broken.length} of ${wanted.length} files`, AGAIN, shown);
}
const SHOWN = 5;

function digest(file: string): string | null {
  try {
    return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch {
    return null;
  }
}

function launcher(root: string): Finding {
  const file = path.join(root, 'bin', 'codexd');
  if (isExecutable(file)) return ok('installation.launcher', 'the launcher for editors is there', file);
  return warn('installation.launcher', `the launcher ${file} is not there, or is no program`, AGAIN);
}

/** Finds the codexd that a shell, or an editor with the bare name, would start. */
function onPath(root: string, searchPath = ''): readonly Finding[] {
  const id = 'installation.path';
  const found = searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, 'codexd'))
    .find(isExecutable);
  if (found === undefined) return [];
  const real = realPath(found);
  if (paths.covers(realPath(root), real)) return [ok(id, `\`codexd\` on PATH is this one`, found)];
  const fix = `remove it, put this one in front of it, or name the whole path (${path.join(root, 'bin', 'codexd')})`;
  return [warn(id, '`codexd` on PATH is another one', fix, real === found ? found : `${found}, which is ${real}`)];
}

const WITH_OPTIONAL = 'install with optional dependencies (npm i -g --include=optional codexd)';

/** Without what makes starts fast everything works, so nothing else would report it. */
function starts(): readonly Finding[] {
  if (process.platform !== 'linux') return [];
  const id = 'installation.starts';
  const error = whyStartsFork();
  if (error === null) return [ok(id, 'commands start without a copy of the daemon (koffi)')];
  const isOld = isCode(error, 'machine.os');
  const why = isOld ? 'the C library is too old' : 'koffi is not usable';
  const fix = isOld ? 'use a system with glibc 2.29 or newer' : WITH_OPTIONAL;
  const what = `each command starts with a copy of the daemon, some milliseconds later: ${why}`;
  return [warn(id, what, fix, error.message.split('\n', 1)[0])];
}

function terminals(root: string): Finding {
  const id = 'installation.terminal';
  if (!['linux', 'darwin'].includes(process.platform) && !HAS_CONSOLES) {
    const what = `commands with a terminal are not available on ${process.platform}`;
    return warn(id, what, 'use Linux, or WSL 2 on Windows, for commands with `tty: true`');
  }
  try {
    loadNativeModule(root, HAS_CONSOLES ? SYSTEM_CALLS : TERMINALS);
    if (process.platform === 'darwin') nativeProgram(root, 'spawn-helper');
    return ok(id, `terminals can be opened (${HAS_CONSOLES ? 'koffi' : 'node-pty'})`);
  } catch (error) {
    return warn(
      id,
      `commands with \`tty: true\` are refused: ${HAS_CONSOLES ? 'koffi' : 'node-pty'} is not usable`,
      `${WITH_OPTIONAL}; on musl (Alpine) there is no terminal`,
      messageOf(error).split('\n', 1)[0],
    );
  }
}
