/**
 * Finds everything in a script that may be a command, for rules that forbid or ask.
 *
 * Threat: a forbidden command in another form: after a redirection, in quotes, in a nested shell, after a program that
 * runs the rest of its line. Rule: a result may not be a command at all, so it must never allow anything. A script that
 * is too large to examine is reported (`complete`), and a person is asked. Non-scope: names that exist only when the
 * script runs (variables, globs, decoded text, files). Rules protect against accidents; the sandbox prevents attacks.
 */
import { programKey } from '../../config/rules/program-name.js';
import { ASSIGNMENT, RESERVED } from './plain-script.js';
import { lexScript } from './loose-lexer.js';

export interface PossibleCommands {
  readonly commands: readonly (readonly string[])[];
  /** False: the script has more than the limits allow. */
  readonly complete: boolean;
}

/** Levels of nested shells: nobody writes more of them for a person to read. */
const MAX_DEPTH = 6;
/** Limits for one script with everything nested in it, in characters and in commands. */
const MAX_CHARACTERS = 64_000;
const MAX_COMMANDS = 5000;
/** Programs that run each other: `sudo env nice …`. */
const MAX_RUNNERS = 16;
/** No rule that forbids or asks has a longer pattern. */
const MAX_WORDS = 64;

export function possibleCommands(script: string): PossibleCommands {
  const search = new Search();
  search.script(script, 0, false);
  return { commands: search.found, complete: search.complete };
}

class Search {
  readonly found: (readonly string[])[] = [];
  complete = true;
  readonly #seen = new Set<string>();
  #characters = 0;

  /** `interpreted`: a shell reads its output, as in `bash <(echo …)`. */
  script(text: string, depth: number, interpreted: boolean): void {
    const key = `${interpreted} ${text}`;
    if (this.#seen.has(key)) return;
    this.#characters += text.length;
    if (depth > MAX_DEPTH || this.#characters > MAX_CHARACTERS || this.found.length > MAX_COMMANDS) {
      this.complete = false;
      return;
    }
    this.#seen.add(key);
    const { commands, nested } = lexScript(text);
    const before = this.found.length;
    for (const { words } of commands) this.#command(words, 0, depth, 0);
    // A text that is written, piped or quoted for a shell may run in it, at any place of the script.
    const read = interpreted || this.found.slice(before).some(([program]) => INTERPRETERS.test(nameOf(program)));
    for (const inner of nested) this.script(inner, depth + 1, read);
    if (!read) return;
    for (const { words, texts } of commands) {
      for (const text of [...words, ...texts]) if (mayBeScript(text)) this.script(text, depth + 1, false);
      // eval and similar commands join their words; echo writes them.
      if (words.length > 1) this.script(words.slice(1).join(' '), depth + 1, false);
    }
  }

  /**
   * A command after assignments and words like `if`; after a program that runs others, every word that may begin its
   * command. `from`: the index of its first word. `within`: how many programs before it run it.
   */
  #command(words: readonly string[], from: number, depth: number, within: number): void {
    let at = from;
    let reserved = false;
    for (; at < words.length; at++) {
      const word = words[at] ?? '';
      if (RESERVED.has(word) && !RUNS.has(word)) reserved = true;
      else if (!ASSIGNMENT.test(word)) break;
    }
    const program = words[at];
    if (program === undefined) return;
    if (this.found.length > MAX_COMMANDS || within > MAX_RUNNERS) {
      this.complete = false;
      return;
    }
    this.found.push(words.slice(at, at + MAX_WORDS));
    // A name that contains a blank is probably a quoted script: `system("rm a")`.
    if (depth > 0 && mayBeScript(program)) this.script(program, depth + 1, false);
    // `for x do rm a`, `function f { rm a; }`
    const inner = reserved ? words.findIndex((word, n) => n > at && RESERVED.has(word)) : -1;
    if (inner > 0) this.#command(words, inner + 1, depth, within + 1);
    const name = nameOf(program);
    this.#scriptsOfOptions(name, words, at + 1, depth);
    if (THOROUGH.test(name)) this.#everywhere(words, at + 1);
    else {
      const operands = SHELLS.test(name) ? 0 : RUNNERS.get(name);
      if (operands !== undefined) this.#behind(words, at + 1, operands, depth, within + 1);
    }
  }

  /** Options of the program may have values. The command is the first word that is not an option, or the next one. */
  #behind(words: readonly string[], from: number, operands: number, depth: number, within: number): void {
    let option = false;
    for (let n = from; n < words.length && this.complete; n++) {
      const word = words[n] ?? '';
      const own = /^[-+]/.test(word) || /^\d/.test(word) || ASSIGNMENT.test(word);
      if (!own) this.#command(words, n, depth, within);
      if (!own && !option && operands-- <= 0) return;
      option = word.startsWith('-');
    }
  }

  #everywhere(words: readonly string[], from: number): void {
    for (let i = from; i < words.length; i++) {
      if (this.found.length > MAX_COMMANDS) this.complete = false;
      if (!this.complete) return;
      this.found.push(words.slice(i, i + MAX_WORDS));
    }
  }

  /** `sh -c`, `su -c`, `flock -c`, `env -S`: the next word, or the rest of the same word. */
  #scriptsOfOptions(name: string, words: readonly string[], from: number, depth: number): void {
    if (!RUNNERS.has(name) && !THOROUGH.test(name) && !INTERPRETERS.test(name)) return;
    for (let n = from; n < words.length && this.complete; n++) {
      const word = words[n] ?? '';
      if (!word.startsWith('-')) continue;
      const next = words[n + 1];
      if (
        next !== undefined &&
        /^(?:-\w*[cSe]\w*|--(?:command|split-string|eval|session-command|init-command))$/.test(word)
      )
        this.script(next, depth + 1, false);
      const value = /^(?:-\w*?[cS]|--(?:command|split-string|eval|session-command|init-command)=)([^]+)$/.exec(
        word,
      )?.[1];
      if (value !== undefined) this.script(value, depth + 1, false);
    }
  }
}

const nameOf = (program = ''): string => programKey(program);

/** A single word is found as a word. */
const mayBeScript = (text: string): boolean => /[\s;&|<>(){}`'"\\$]/.test(text);

/** Reserved words that run the rest of their line as a program would. */
const RUNS: ReadonlySet<string> = new Set(['time', 'coproc']);

const SHELLS = /^r?(?:ba|z|da|k|mk|a|c|tc|fi|ya|o)?sh(?:-?[\d.]+)?$/;

/** Programs that read commands from their words or input like a shell, or that have a function for it. */
const INTERPRETERS =
  /^(?:r?(?:ba|z|da|k|mk|a|c|tc|fi|ya|o)?sh(?:-?[\d.]+)?|eval|source|\.|trap|su|runuser|ssh|watch|parallel|at|batch|xargs|script|[gmn]?awk|expect|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|php[\d.]*|lua[\d.]*|pwsh|tclsh|tmux|screen|crontab|mapfile|readarray|busybox|toybox)$/;

/** For these programs, the command may begin at any word. */
const THOROUGH =
  /^(?:find|fd|fdfind|parallel|ssh|su|runuser|script|strace|ltrace|gdb|systemd-run|start-stop-daemon|tmux|screen|unshare|nsenter|bwrap|firejail|coproc|entr)$/;

/** Programs that run the rest of their line, and how many operands of their own come first, without options. */
const RUNNERS: ReadonlyMap<string, number> = new Map([
  ...'sudo doas pkexec env nohup time exec command builtin nice ionice xargs timeout setsid setpriv stdbuf unbuffer busybox toybox eval trap watch valgrind fakeroot faketime proot systemd-inhibit daemonize prlimit numactl caffeinate rlwrap xvfb-run dbus-run-session torsocks proxychains proxychains4 npx bunx noglob nocorrect capsh linux32 linux64'
    .split(' ')
    .map((name) => [name, 0] as const),
  ...'chroot flock chrt taskset sg setarch cgexec dbus-launch'.split(' ').map((name) => [name, 1] as const),
]);
