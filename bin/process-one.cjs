/**
 * codexd as process 1 of a container.
 *
 * A process that loses its parent becomes a child of process 1. Process 1 must wait for it when it ends; otherwise it
 * stays in the process table as a zombie. Every sandboxed command leaves such a process (bubblewrap's inner process),
 * and Node waits only for its own children. So as process 1 codexd only starts itself again, below a reaper. The reaper
 * becomes the parent of orphans among its descendants (prctl(2), PR_SET_CHILD_SUBREAPER), waits for all of them, passes
 * signals on, and ends with the status of codexd. Node cannot call prctl(2); perl and Python can.
 */
'use strict';
const fs = require('node:fs');

/** Programs that can be the reaper, by absolute path, because PATH must not choose the program. */
const REAPERS = [
  {
    files: ['/usr/bin/perl'],
    args: (/** @type {number} */ prctl) => [
      '-e',
      `
my ($prctl, $terminal, @command) = @ARGV;
syscall($prctl, 36, 1, 0, 0, 0) == 0 or die "prctl: $!\\n";
my $codexd;
for my $name (qw(TERM INT QUIT HUP USR1 USR2)) {
  $SIG{$name} = $terminal && $name =~ /INT|QUIT|HUP/ ? sub {} : sub { kill $name, $codexd if $codexd };
}
$codexd = fork // die "fork: $!\\n";
if (!$codexd) { exec { $command[0] } @command; exit 127 }
for (;;) {
  my $pid = waitpid(-1, 0);
  next if $pid != $codexd;
  exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
}
`,
      String(prctl),
    ],
  },
  {
    files: ['/usr/bin/python3', '/usr/local/bin/python3'],
    args: (/** @type {number} */ prctl) => [
      '-IS',
      '-c',
      `
import ctypes, os, signal, sys
prctl, terminal, command = int(sys.argv[1]), sys.argv[2] == '1', sys.argv[3:]
if ctypes.CDLL(None).syscall(prctl, 36, 1, 0, 0, 0) != 0: sys.exit('prctl failed')
codexd = 0
def forward(number, frame):
    if codexd and not (terminal and number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)): os.kill(codexd, number)
for name in ('TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2'): signal.signal(getattr(signal, 'SIG' + name), forward)
codexd = os.fork()
if codexd == 0:
    # Python ignores these for itself, and a child inherits that.
    for name in ('PIPE', 'XFSZ'): signal.signal(getattr(signal, 'SIG' + name), signal.SIG_DFL)
    try: os.execv(command[0], command)
    finally: os._exit(127)
while True:
    pid, status = os.wait()
    if pid == codexd:
        os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`,
      String(prctl),
    ],
  },
];

/** The word that makes `program` run: none for a program file, which is codexd itself (bin/program-file.cjs). */
function own(/** @type {string} */ program) {
  try {
    return /** @type {{ isSea(): boolean }} */ (require('node:sea')).isSea() ? [] : [program];
  } catch {
    return [program]; // Before Node 20.12 there are no such files.
  }
}

/** Number of prctl(2), by process.arch. */
/** @type {Partial<Record<NodeJS.Architecture, number>>} */
const PRCTL = { x64: 157, arm64: 167, riscv64: 167, loong64: 167, ppc64: 171, s390x: 172, arm: 172, ia32: 172 };

/** Starts codexd below a reaper and ends with its status. Returns false if there is no reaper: codexd runs directly. */
exports.startBelowReaper = function startBelowReaper(/** @type {string} */ program) {
  const prctl = PRCTL[process.arch];
  const [reaper] = REAPERS.flatMap(({ files, args }) =>
    files
      .filter((file) => prctl !== undefined && fs.existsSync(file))
      .map((file) => ({ file, args: args(/** @type {number} */ (prctl)) })),
  );
  if (!reaper) {
    process.stderr.write(
      'codexd: warning: codexd is process 1, and there is neither perl nor python3 to wait for orphaned processes in its place: they stay in the process table when they have ended. Start the container with an init process (docker run --init).\n',
    );
    return false;
  }
  const { spawn } = require('node:child_process');
  // A terminal sends these signals to codexd as well; codexd would treat a second one as a demand to stop at once.
  const terminal = require('node:tty').isatty(0);
  const command = [process.execPath, ...process.execArgv, ...own(program), ...process.argv.slice(2)];
  const child = spawn(reaper.file, [...reaper.args, terminal ? '1' : '', ...command], { stdio: 'inherit' });
  /** @type {NodeJS.Signals[]} */
  const ofTerminal = ['SIGINT', 'SIGQUIT', 'SIGHUP'];
  /** @type {NodeJS.Signals[]} */
  const passed = ['SIGTERM', 'SIGUSR2', ...(terminal ? [] : ofTerminal)];
  for (const signal of passed) process.on(signal, () => child.kill(signal));
  if (terminal) for (const signal of ofTerminal) process.on(signal, () => {});
  child.once('error', (error) => {
    process.stderr.write(`codexd: ${reaper.file} cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) =>
    process.exit(code ?? 128 + require('node:os').constants.signals[/** @type {NodeJS.Signals} */ (signal)]),
  );
  return true;
};
