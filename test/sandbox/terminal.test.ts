import { createRequire } from 'node:module';
import t from 'tap';
import type { SandboxedCommand } from '../../server/sandbox/policy/sandbox.js';
import { execute, makePlace, skipReason } from './support.js';

/** docs/protocol/exec.md §5: a command on a terminal has that terminal, also inside the sandbox. */
const skip = await skipReason();

interface Terminal {
  onData(listener: (text: string) => void): void;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): void;
  write(text: string): void;
  resize(cols: number, rows: number): void;
  kill(signal: string): void;
}
const { spawn } = createRequire(import.meta.url)('@lydell/node-pty') as {
  spawn(file: string, args: string[], options: object): Terminal;
};

/** Runs it on a terminal; each step waits for a text and then acts. */
function onTerminal(
  command: SandboxedCommand,
  steps: readonly (readonly [text: string, then: (terminal: Terminal) => void])[],
): Promise<{ code: number; screen: string }> {
  return new Promise((resolve) => {
    const terminal = spawn(command.file, [...command.args], { cols: 80, rows: 24, cwd: '/', env: { ...command.env } });
    const waiting = [...steps];
    let screen = '';
    terminal.onData((text) => {
      screen += text;
      const next = waiting[0];
      if (next && screen.includes(next[0])) {
        waiting.shift();
        next[1](terminal);
      }
    });
    const timer = setTimeout(() => terminal.kill('SIGKILL'), 15_000);
    terminal.onExit(({ exitCode }) => {
      clearTimeout(timer);
      command.release();
      resolve({ code: exitCode, screen });
    });
  });
}

t.test('/dev/tty works, resizing sends SIGWINCH, and ^C runs the command’s own trap', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const wrapped = await place.wrap(
    'trap "echo interrupted; exit 42" INT; trap "stty size" WINCH; echo hello > /dev/tty; test -t 0 && echo ready; while :; do sleep 0.05; done',
    { terminal: true },
  );
  const { code, screen } = await onTerminal(wrapped, [
    ['ready', (terminal) => terminal.resize(101, 33)],
    ['33 101', (terminal) => terminal.write('\x03')],
  ]);
  t.match(screen, /hello\r\nready\r\n33 101\r\n\^Cinterrupted\r\n/);
  t.equal(code, 42);
});

t.test('^C ends a command without a trap, with 130', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const wrapped = await place.wrap(['sh', '-c', 'echo ready; exec sleep 20'], { terminal: true });
  t.match(await onTerminal(wrapped, [['ready', (terminal) => terminal.write('\x03')]]), { code: 130 });
});

t.test('an interactive shell has job control', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const wrapped = await place.wrap(['bash', '--norc', '--noprofile', '-i'], {
    terminal: true,
    env: { PATH: '/usr/bin:/bin', PS1: '> ', TERM: 'dumb' },
  });
  const { code, screen } = await onTerminal(wrapped, [
    ['> ', (terminal) => terminal.write('sleep 20\r')],
    ['sleep 20', (terminal) => setTimeout(() => terminal.write('\x1a'), 300)],
    ['Stopped', (terminal) => terminal.write('kill -KILL %1; sleep 0.2\r')],
    ['Killed', (terminal) => terminal.write('exit 7\r')],
  ]);
  t.notMatch(screen, /no job control/);
  t.equal(code, 7, screen);
});

t.test('writing input to the terminal of another reader is refused', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const wrapped = await place.wrap(['perl', '-e', 'my $x = "x"; ioctl(STDIN, 0x5412, $x) or print "refused: $!\\n"'], {
    terminal: true,
  });
  t.match((await onTerminal(wrapped, [])).screen, /refused: Operation not permitted/);
});

t.test('signals have their defaults, although bubblewrap ignores some', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const wrapped = await place.wrap(['grep', 'SigIgn', '/proc/self/status'], { terminal: true });
  t.match((await onTerminal(wrapped, [])).screen, /SigIgn:\t0+\r\n/);
});

t.test('a command without a terminal cannot open one', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  // Under callers like script(1), the daemon itself may have a terminal.
  const wrapped = await place.wrap('( : > /dev/tty ) 2>/dev/null && echo has || echo none', {
    passesDescriptors: false,
  });
  const { stdout } = await execute([wrapped.file, ...wrapped.args], wrapped.env, '/');
  wrapped.release();
  t.equal(stdout, 'none\n');
});
