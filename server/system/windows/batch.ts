/**
 * The command line of a batch file (`.cmd`, `.bat`), which only cmd.exe can run.
 *
 * Threat: cmd.exe reads the line by its own rules before the batch file gets its arguments. An argument such as
 * `" & calc` or `%PATH%` would run another program or give away a variable.
 * Rule: every argument is quoted, a quote in it is doubled, a percent sign cannot begin a variable, and delayed
 * expansion is off. What cannot be written this way (a new line, a NUL) is refused.
 * Scope: the line that cmd.exe reads. Non-scope: what the batch file does with its arguments.
 */

/** The arguments of cmd.exe for a batch file; they are the command line as it is, and must not be quoted again. */
export function batchArguments(file: string, args: readonly string[]): readonly string[] | null {
  const words = [file, ...args];
  if (words.some((word) => /[\0\r\n]/.test(word)) || /["%]/.test(file)) return null;
  const line = words.map(quote).join(' ');
  // With /s, cmd.exe removes the outer quotes and nothing else.
  return ['/d', '/e:ON', '/v:OFF', '/s', '/c', `"${line}"`];
}

/**
 * `%cd:~,%` is an empty part of a variable that always exists, so the percent sign before it stays one. Backslashes
 * before a quote are doubled, because programs that the batch file starts read them as escapes.
 */
const quote = (word: string): string =>
  `"${word
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, '$&$&')
    .replace(/%/g, '%%cd:~,%')}"`;
