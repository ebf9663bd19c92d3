/** The names of environment variables: Windows compares them without case, and has its own basic ones. */

const IGNORES_CASE = process.platform === 'win32';

/** A key for comparing names: two names with the same key are the same variable. `ignoresCase`: for tests. */
export const nameKey = (name: string, ignoresCase = IGNORES_CASE): string => (ignoresCase ? name.toUpperCase() : name);

/** The value of a variable, under whatever spelling it is there. */
export function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  if (Object.hasOwn(env, name)) return env[name];
  const key = name.toUpperCase();
  const found = Object.keys(env).find((other) => other.toUpperCase() === key);
  return found === undefined ? undefined : env[found];
}

/** The names in `env` that are the same variable as `name`; at most one where case matters. */
export function spellingsOf(
  env: Readonly<Record<string, unknown>>,
  name: string,
  ignoresCase = IGNORES_CASE,
): readonly string[] {
  if (!ignoresCase) return Object.hasOwn(env, name) ? [name] : [];
  return Object.keys(env).filter((other) => nameKey(other, true) === nameKey(name, true));
}

const UNIX_CORE = ['HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LOGNAME', 'PATH', 'SHELL', 'TMPDIR', 'USER'];
/** docs/protocol/exec.md §3; what programs of Windows need to run at all. */
const WINDOWS_CORE = [
  ...['PATH', 'PATHEXT', 'SHELL', 'COMSPEC', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'TEMP', 'TMP', 'TMPDIR'],
  ...['USERNAME', 'USERDOMAIN', 'USERPROFILE', 'USER', 'LOGNAME', 'HOME', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432'],
  ...['COMMONPROGRAMFILES', 'COMMONPROGRAMFILES(X86)', 'LANG', 'LC_ALL', 'LC_CTYPE', 'POWERSHELL', 'PWSH'],
];
const CORE: ReadonlySet<string> = new Set(IGNORES_CASE ? WINDOWS_CORE : UNIX_CORE);

/** Whether a variable is one of the basic ones that `inherit = "core"` keeps. */
export const isCoreName = (name: string): boolean => CORE.has(nameKey(name));
