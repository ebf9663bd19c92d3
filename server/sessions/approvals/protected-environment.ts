/**
 * The environment of a program that runs without the sandbox because a rule allows it.
 *
 * Threat: a variable makes the program load, run or obey a file that a command can write. Rule: PATH keeps only
 * absolute folders that no command can write. Shell variables that change the meaning of a script are removed.
 * Variables that make programs load or run files are removed if they name a place that a command can write. Non-scope:
 * variables that only name places of data (HOME, TMPDIR).
 */
import path from 'node:path';
import { createPathResolver } from '../../sandbox/policy/resolve-path.js';
import { bareObject } from '../../system/node/objects.js';

export function protectedEnvironment(
  env: Readonly<Record<string, string>>,
  cwd: string,
  mayChange: (place: string) => boolean,
): Record<string, string> {
  const resolve = createPathResolver();
  const isSteady = (place: string): boolean => {
    try {
      const { real, links } = resolve(path.resolve(cwd, place));
      return !mayChange(path.resolve(cwd, place)) && !mayChange(real) && !links.some(({ at }) => mayChange(at));
    } catch {
      return false; // a loop of links
    }
  };
  const result = bareObject<string>();
  for (const [name, value] of Object.entries(env)) {
    if (name === 'PATH') {
      const kept = value.split(':').filter((folder) => path.isAbsolute(folder) && isSteady(folder));
      result[name] = kept.length > 0 ? kept.join(':') : '/usr/bin:/bin';
    } else if (!SHELL_VARIABLES.test(name) && (!LOADING.test(name) || placesIn(value).every(isSteady))) {
      result[name] = value;
    }
  }
  return result;
}

const SHELL_VARIABLES =
  /^(?:BASH_ENV|ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|PS4|IFS|CDPATH|GLOBIGNORE|PROMPT_COMMAND|ZDOTDIR)$/;

/**
 * Variables of the loader, of interpreters and of tools, which name libraries, modules, options, programs or
 * configuration.
 */
const LOADING =
  /^(?:LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|GETCONF_DIR|TZDIR|GIT_.*|SSH_ASKPASS|SUDO_ASKPASS|PYTHON.*|VIRTUAL_ENV|PERL5?.*|RUBY.*|GEM_.*|BUNDLE_.*|NODE_.*|npm_.*|NPM_.*|YARN_.*|JAVA_.*|_JAVA_OPTIONS|JDK_.*|CLASSPATH|MAVEN_.*|GRADLE_.*|CARGO_.*|RUST.*|GO[A-Z]*|CC|CXX|LD|AR|MAKE.*|CMAKE_.*|LESS.*|PAGER|EDITOR|VISUAL|BROWSER|MANPAGER|.*_CONFIG|.*_CONFIG_(?:FILE|PATH|HOME|DIR)|XDG_CONFIG_.*|CURL_HOME|.*RC|.*_COMMAND|.*_WRAPPER|.*_PRELOAD|.*_PROGRAM|OPENSSL_.*|GLIBC_TUNABLES)$/;

/**
 * All parts of a value that may be paths. A part with a slash that is not absolute is relative to the working folder.
 */
const placesIn = (value: string): readonly string[] =>
  value.split(/[\s:;,='"]+/).filter((piece) => piece.includes('/') || piece === '.' || piece === '..');
