/**
 * Reads a script for PowerShell or cmd.exe as far as that is safe: words of letters, digits and a few signs, `|`, `&&`,
 * `||`, and in PowerShell `;` and line ends.
 *
 * Threat: an allowing rule matches words that differ from the shell's, or a forbidden command hides in a form that
 * only this shell knows (`g^it`, `& ('g' + 'it')`, `%x%`). Rule: a sign that could have a meaning in one of these
 * shells, and a word that begins a statement of theirs, is not understood; so neither are quotes, variables,
 * redirections and paths with backslashes. Non-scope: what a name means there (aliases, functions); programs that run
 * their words (approvals/leaf-programs.ts).
 */
import type { WindowsShell } from '../../system/programs/model-shell.js';
import { plainScript, type PlainScript } from './plain-script.js';

const PLAIN: Readonly<Record<WindowsShell, RegExp>> = {
  powershell: /^[\w ./:+|&;\n-]*$/,
  cmd: /^[\w ./:+|&-]*$/,
};

/** `dir/s` is `dir` with an option, `echo.x` is `echo`, `1` is a number, `.` runs a file. */
const NAME = /^[A-Za-z][\w-]*$/;

const STATEMENTS: Readonly<Record<WindowsShell, ReadonlySet<string>>> = {
  powershell: new Set(
    (
      'assembly base begin break catch class clean command configuration continue data define do dynamicparam else elseif ' +
      'end enum exit filter finally for foreach from function hidden if in inlinescript interface module namespace ' +
      'parallel param private process public return sequence static switch throw trap try type until using var while workflow'
    ).split(' '),
  ),
  cmd: new Set('else endlocal exit for goto if rem set setlocal shift'.split(' ')),
};

/** Null: not understood. */
export function windowsScript(script: string, shell: WindowsShell): PlainScript | null {
  const plain = PLAIN[shell].test(script) ? plainScript(script) : null;
  const begins = ([name = '']: readonly string[]): boolean =>
    NAME.test(name) && !STATEMENTS[shell].has(name.toLowerCase());
  return plain?.pipelines.every((pipeline) => pipeline.every(begins)) === true ? plain : null;
}
