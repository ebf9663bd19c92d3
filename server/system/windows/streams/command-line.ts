/** What CreateProcess wants instead of a list of words and a map of variables. Pure. */

/**
 * The command line of a program, as the C library of Windows reads it ("Parsing C command-line arguments"). `verbatim`:
 * the arguments are parts of a line already.
 */
export const commandLine = (file: string, args: readonly string[], verbatim: boolean): string =>
  [quoted(file), ...(verbatim ? args : args.map(quoted))].join(' ');

function quoted(word: string): string {
  if (word !== '' && !/[\s"]/.test(word)) return word;
  // Backslashes are doubled only before a quote.
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`;
}

/** The environment as one block in UTF-16, sorted without case, as Windows demands. No name or value has a NUL. */
export function environmentBlock(env: Readonly<Record<string, string>>): Buffer {
  const key = (name: string): string => name.toUpperCase();
  const names = Object.keys(env).sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const entries = names.map((name) => `${name}=${env[name] ?? ''}\0`).join('');
  // An empty block has two ends, too.
  return Buffer.from(entries === '' ? '\0\0' : `${entries}\0`, 'utf16le');
}
