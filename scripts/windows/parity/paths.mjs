/**
 * The two spellings of a file that Linux and the programs under Wine share: /FOLDER/x/y and C:\parity\x\y. A scenario
 * uses Linux' spelling alone; what goes to a program, and what comes from it, is translated.
 *
 * The verbatim form (\\?\C:\…) becomes /proc/self/root/FOLDER/…: it names the same file on Linux, and a comparison
 * still sees that it is another spelling.
 */
const DRIVE_FOLDER = 'parity';
const VERBATIM = '/proc/self/root';

/** The name below C: at which `FOLDER` is mounted. */
export const MOUNT = DRIVE_FOLDER;

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * The translations for one folder of Linux.
 * @param {string} folder
 */
export function spellings(folder) {
  const ofLinux = new RegExp(`(${VERBATIM})?${escaped(folder)}(?![\\w-])((?:/[^\\s"'<>|:;,)\\]}\`\\\\/]*)*)`, 'g');
  // A program on the drive C: takes Linux' spelling for a place on its drive.
  const misread = escaped(folder.slice(1)).replaceAll('/', '[\\\\/]+');
  const ofWindows = new RegExp(
    `(\\\\+\\?\\\\+)?C:[\\\\/]+(?:${DRIVE_FOLDER}|${misread})(?![\\w-])((?:[\\\\/]+[^\\s"'<>|:;,)\\]}\`\\\\/]+)*)`,
    'gi',
  );
  const windows = (/** @type {string} */ text, separator = '\\') =>
    text.replace(ofLinux, (_, verbatim, rest) =>
      `${verbatim ? '\\\\?\\' : ''}C:\\${DRIVE_FOLDER}${rest.replaceAll('/', '\\')}`.replaceAll('\\', separator),
    );
  const linux = (/** @type {string} */ text) =>
    text.replace(
      ofWindows,
      (_, verbatim, rest) => `${verbatim ? VERBATIM : ''}${folder}${rest.replaceAll(/[\\/]+/g, '/')}`,
    );
  return { windows, linux };
}

/**
 * The text of a TOML file for a program under Wine: inside of double quotes a backslash is written twice.
 * @param {ReturnType<typeof spellings>} paths
 * @param {string} toml
 */
export const windowsToml = (paths, toml) =>
  toml
    .split('\n')
    .map((line) => paths.windows(line, line.includes('"') && !/'[^"]*\/|'[^"]*$/.test(line) ? '\\\\' : '\\'))
    .join('\n');

/**
 * A copy of a JSON value whose strings, and the names of its members, are changed by `change`. JSON inside of a string
 * (the arguments of a call) is changed as a value as well.
 * @param {unknown} value
 * @param {(text: string) => string} change
 * @returns {unknown}
 */
export function mapStrings(value, change) {
  if (typeof value === 'string') return mapText(value, change);
  if (Array.isArray(value)) return value.map((entry) => mapStrings(entry, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [change(name), mapStrings(entry, change)]));
}

/**
 * @param {string} text
 * @param {(text: string) => string} change
 */
function mapText(text, change) {
  if (!/^[{[]/.test(text)) return change(text);
  try {
    const changed = JSON.stringify(mapStrings(JSON.parse(text), change));
    return changed === JSON.stringify(JSON.parse(text)) ? text : changed;
  } catch {
    return change(text);
  }
}
