/**
 * A program under Wine as a program of Linux: its stdin, stdout, stderr and exit code, the working folder, arguments
 * and variables. Scenarios that start their server by spawn() need nothing else.
 *
 * node as-linux-program.mjs {broker, folder, side} ARGUMENTS…
 *
 * SIGTERM ends the program; Windows has no such signal to pass on.
 */
import process from 'node:process';
import { spellings } from './paths.mjs';
import { prepareHome, startProgram } from './programs.mjs';

/** Variables of Linux that mean nothing, or something else, to a program of Windows. */
const LEFT_OUT = new Set(['PATH', 'SHELL', 'LANG', 'TERM', 'USER', 'TMPDIR', 'HOME', 'PWD', 'OLDPWD', 'SHLVL', '_']);

const [setting = '', ...args] = process.argv.slice(2);
/** @type {{ broker: import('./programs.mjs').Broker, folder: string, side: import('./programs.mjs').Side }} */
const { broker, folder, side } = JSON.parse(setting);
const { windows } = spellings(folder);

const { HOME = folder, TMPDIR = folder, CODEX_HOME } = process.env;
if (CODEX_HOME !== undefined) prepareHome(CODEX_HOME);
const passed = Object.entries(process.env).filter(([name]) => !LEFT_OUT.has(name));
const env = Object.fromEntries(
  [...passed, ['USERPROFILE', HOME], ['HOME', HOME], ['TEMP', TMPDIR], ['TMP', TMPDIR]].map(([name, value]) => [
    String(name),
    windows(String(value)),
  ]),
);
const program = startProgram(
  broker,
  {
    file: side.file,
    args: [...side.args, ...args].map((arg) => windows(arg)),
    env,
    cwd: windows(process.cwd()),
  },
  { out: (data) => process.stdout.write(data), err: (data) => process.stderr.write(data) },
);
process.stdin.on('data', (data) => program.write(data));
process.stdin.on('end', () => program.end());
process.once('SIGTERM', () => program.kill());
process.exitCode = (await program.closed) ?? 1;
process.stdin.destroy();
