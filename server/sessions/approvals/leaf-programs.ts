/**
 * Facts about programs by their names.
 *
 * Threat: permission for one program allows every program, because it runs what its words, its input, or files of the
 * folder say. Rule: a leaf is a program that does only what its words say, and is in the list below. Every other
 * program is not a leaf.
 */
import { isProgramPath, programKey } from '../../config/rules/program-name.js';
import { windowsShell } from '../../system/programs/model-shell.js';

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** They only show something, or create something empty. */
const HARMLESS = new Set(
  words(`
    [ arch b2sum base32 base64 basename cat cksum cmp comm cut date df diff dirname du echo expand expr factor false
    fgrep egrep fmt fold free getconf getent grep groups head hexdump id join jq ls lsblk lscpu md5sum mkdir mktemp nl
    nproc numfmt od paste pathchk pgrep pr printenv printf ps pwd readlink realpath rev rmdir seq sha1sum sha224sum
    sha256sum sha384sum sha512sum sleep sort stat sum tac tail test touch tr true tsort tty uname unexpand uniq uptime
    wc which who whoami xxd yes
  `),
);

/** They change files, processes or public data, as their words say. */
const CHANGING = new Set(
  words(`
    chgrp chmod chown cp curl dd dig host kill killall link ln mkfifo mv nslookup ping pkill rm shred shuf split ss sync
    tee truncate unlink
  `),
);

/** Options with which a leaf does run a program; also abbreviated. */
const RUNNING_OPTIONS: Readonly<Record<string, RegExp>> = {
  sort: /^--co/,
  split: /^--f/,
};

const nameOf = (program = ''): string => programKey(program);

/** Whether the command does only what its words say, whatever its folder contains. */
export function isLeaf([program, ...args]: readonly string[]): boolean {
  const name = nameOf(program);
  if (!HARMLESS.has(name) && !CHANGING.has(name)) return false;
  const running = RUNNING_OPTIONS[name];
  return running === undefined || !args.some((arg) => running.test(arg));
}

/** Whether the proposed rule may allow every command that begins with these words. */
export function mayBeOpen(argv: readonly string[]): boolean {
  const [program = ''] = argv;
  const bare = !isProgramPath(program) || /^\/(?:usr\/)?bin\/[^/]+$/.test(program);
  return bare && HARMLESS.has(nameOf(program)) && RUNNING_OPTIONS[nameOf(program)] === undefined && isLeaf(argv);
}

/** Whether it runs a command that its later words name. Then no prefix of it determines what runs. */
export function runsItsWords([program = '', ...args]: readonly string[]): boolean {
  const name = nameOf(program);
  if (RUNNERS.has(name) || WINDOWS_RUNNERS.has(name.toLowerCase())) return true;
  if (windowsShell(program) !== null) return !endsInScript([program, ...args]);
  if (name === 'git') return args[0] === undefined || args[0].startsWith('-');
  if (name === 'rm') return args.length === 0;
  if (SHELL.test(name)) return !(/^-l?c$/.test(args[0] ?? '') && args.length > 1) && !isScript(args[0]);
  if (PYTHON.test(name)) return !(/^-[cm]$/.test(args[0] ?? '') && args.length > 1) && !isScript(args[0]);
  return INTERPRETER.test(name) && !isScript(args[0]);
}

/** Whether the words are PowerShell or cmd.exe with a whole script: `powershell.exe -NoProfile -Command 'npm test'`. */
export const endsInScript = (argv: readonly string[]): boolean =>
  argv.length > 2 && /^(?:-command|\/c)$/i.test(argv.at(-2) ?? '') && !/^-?$/.test(argv.at(-1) ?? '');

/** After the name of a script, words belong to the script. */
const isScript = (word: string | undefined): boolean => word !== undefined && !word.startsWith('-') && word !== '';

const RUNNERS = new Set(
  words(`
    . alias ash at awk batch bind builtin bunx busybox bwrap capsh caffeinate chroot chrt command complete coproc cpulimit crontab
    daemonize dbus-launch dbus-run-session doas docker ed emacs enable entr env eval ex exec expect export fakeroot
    faketime fd fdfind find firejail flock fzf gawk gdb ionice ltrace mapfile mawk more less man nawk nc ncat netcat nice
    nohup npx nsenter numactl osascript parallel pkexec pnpx podman prlimit proot proxychains proxychains4 rbash readarray
    rlwrap rsync runuser screen script scp sed set setarch setpriv setsid sg shopt socat source ssh sshpass start-stop-daemon
    stdbuf strace su sudo systemd-inhibit systemd-run tar taskset tclsh telnet time timeout tmux torsocks toybox trap
    typeset uv uvx unbuffer unshare valgrind vi view vim watch wget xargs xvfb-run zip
  `),
);
/** Of Windows, and of its shells. */
const WINDOWS_RUNNERS = new Set(
  words(`
    call conhost cscript explorer foreach-object forfiles icm iex ii import-alias import-module installutil
    invoke-command invoke-expression invoke-item invoke-wmimethod ipal ipmo iwmi measure-command mshta msbuild nal
    new-alias new-item ni psexec register-scheduledtask regsvr32 rundll32 runas sajb sal saps schtasks set-alias
    set-item si start start-job start-process start-threadjob trace-command tscon winrs wmic wscript wsl
  `),
);
const SHELL = /^(?:r?(?:ba|z|da|k|mk|c|tc|fi|ya|o|)sh|nu|elvish|xonsh)(?:-?[\d.]+)?(?:\.exe)?$/;
const PYTHON = /^(?:python|pypy|ipython)[\d.]*(?:\.exe)?$/;
const INTERPRETER =
  /^(?:node|nodejs|deno|bun|ruby|irb|perl|php|lua|luajit|julia|R|Rscript|scala|groovy|java|tsx|ts-node|guile|racket|sbcl|ocaml|ghci|erl|elixir|iex|gjs|qjs)[\d.]*(?:\.exe)?$/;
