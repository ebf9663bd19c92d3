/**
 * Small programs that read, write and remove one file, as commands: so the permissions of a turn hold for them, and the
 * daemon itself opens no file that a model names. They are scripts of sh, and on Windows of the daemon's own Node.
 */
import { nodeTextCommand } from '../../package/own-node.js';

/** Whether the programs below run without a sandbox where their turn has none: on a system that has no sandbox. */
export const HAS_NO_SANDBOX = process.platform === 'win32';

/** Where they start: a folder that exists on every system. */
export const SCRIPT_FOLDER = process.platform === 'win32' ? (process.env.SystemRoot ?? 'C:\\Windows') : '/';

/** Exit codes of `readFileArgv`. */
export const [NOT_A_FILE, TOO_LARGE] = [93, 94];

const SH_READ = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_A_FILE}; fi
[ ! -r "$1" ] || [ "$(wc -c < "$1")" -le "$2" ] || exit ${TOO_LARGE}
exec head -c "$3" -- "$1"`;

const SH_PUT = 'mkdir -p -- "$2" && cat > "$1"';
const SH_REMOVE = 'rm -- "$1"';

/**
 * `$1`: the name, `$2`: the folder. After it is entered, nobody can replace the folder. Commands cannot replace its
 * files either: they may not write there, because otherwise nobody would have been asked.
 */
const SH_ENTER =
  'cd -P -- "$2" && { [ "$(pwd -P)" = "$2" ] || { echo "$2 leads elsewhere since it was approved" >&2; exit 1; }; }';
const SH_PUT_PINNED = `mkdir -p -- "$2" && ${SH_ENTER} && { [ ! -L "./$1" ] || { echo "$1 became a link since it was approved" >&2; exit 1; }; } && cat > "./$1"`;
const SH_REMOVE_PINNED = `${SH_ENTER} && rm -- "./$1"`;

/**
 * For node -e, which has Node's modules as globals. On Windows a device (CON, NUL, a pipe) is no file, whatever
 * folder its name is in.
 */
const NODE_START = `const [one, two] = process.argv.slice(1);
const fail = (error) => { process.stderr.write(String(error.code ? error.code + ': ' + error.message : error)); process.exit(1); };
process.on('uncaughtException', fail);
const real = (file) => { const found = fs.statSync(file, { throwIfNoEntry: false }); if (found && !found.isFile()) process.exit(${NOT_A_FILE}); return found; };
const device = /^(?:con|prn|aux|nul|com\\d|lpt\\d|conin\\$|conout\\$)\\s*(?:[.:]|$)/i;
if (device.test(path.basename(one)) || /^\\\\\\\\[.?]\\\\/.test(one)) process.exit(${NOT_A_FILE});
`;
const NODE_READ = `${NODE_START}const found = real(one);
if (found && found.size > Number(two)) process.exit(${TOO_LARGE});
process.stdout.write(fs.readFileSync(one));`;
const NODE_PUT = `${NODE_START}const input = fs.readFileSync(0);
fs.mkdirSync(two, { recursive: true });
real(one);
fs.writeFileSync(one, input);`;
const NODE_REMOVE = `${NODE_START}fs.unlinkSync(one);`;
const NODE_ENTER = `fs.mkdirSync(two, { recursive: true });
process.chdir(two);
if (fs.realpathSync.native('.') !== fs.realpathSync.native(two) || path.resolve(fs.realpathSync(two)) !== path.resolve(two)) fail(two + ' leads elsewhere since it was approved');
const link = fs.lstatSync(one, { throwIfNoEntry: false });
if (link && link.isSymbolicLink()) fail(one + ' became a link since it was approved');
`;
const NODE_PUT_PINNED = `${NODE_START}const input = fs.readFileSync(0);
${NODE_ENTER}real(one);
fs.writeFileSync(one, input);`;
const NODE_REMOVE_PINNED = `${NODE_START}${NODE_ENTER}fs.unlinkSync(one);`;

/** Writes the file to stdout, or ends with NOT_A_FILE, or with TOO_LARGE if it has more than `limit` bytes. */
export const readFileArgv = (file: string, limit: number): readonly string[] =>
  script(SH_READ, NODE_READ, file, String(limit), String(limit + 1));

/** Makes stdin the content of a file, and its folder if that is missing. */
export const putFileArgv = (place: string, folder: string): readonly string[] =>
  script(SH_PUT, NODE_PUT, place, folder);

export const removeFileArgv = (place: string): readonly string[] => script(SH_REMOVE, NODE_REMOVE, place);

/** As `putFileArgv`; fails if the folder is another one than when it was named, or the name is a link. */
export const putPinnedArgv = (name: string, folder: string): readonly string[] =>
  script(SH_PUT_PINNED, NODE_PUT_PINNED, name, folder);

export const removePinnedArgv = (name: string, folder: string): readonly string[] =>
  script(SH_REMOVE_PINNED, NODE_REMOVE_PINNED, name, folder);

const script = (sh: string, node: string, ...args: readonly string[]): readonly string[] =>
  process.platform === 'win32' ? nodeTextCommand(node, args) : ['/bin/sh', '-c', sh, 'sh', ...args];
