import fs from 'node:fs';
import t, { type Test } from 'tap';
import type { CommandSpec, RunningCommand } from '../../../server/exec/start/command.js';
import { SpawnError } from '../../../server/exec/process/spawn-errors.js';
import { testSupervisor } from '../support/fakes.js';
import { script, slowSink, WAYS } from '../support/spec.js';
import { elapse, until } from '../../fixtures/until.js';

/** A screen with a text that the test can read while the command runs. */
function screen(): { text: () => string; full: false; push: (piece: Buffer) => undefined } {
  let text = '';
  return { text: () => text, full: false, push: (piece) => void (text += piece.toString()) };
}

const terminal = { kind: 'terminal', size: { rows: 24, cols: 80 } } as const;

for (const [name, permissions] of WAYS) {
  const run = async (
    t: Test,
    text: string,
    changes: Partial<CommandSpec> = {},
  ): Promise<{ command: RunningCommand; seen: () => string; see: (what: string) => Promise<void> }> => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const shown = screen();
    const command = await supervisor.start({
      ...script(text, { permissions, io: terminal, ...changes }),
      stdout: shown,
    });
    return { command, seen: shown.text, see: (what) => until(() => shown.text().includes(what), `see ${what}`) };
  };

  t.test(`${name}: a terminal has the requested size, on all three descriptors`, async (t) => {
    const io = { kind: 'terminal', size: { rows: 31, cols: 101 } } as const;
    const { command, seen } = await run(t, 'stty size; test -t 0 && test -t 1 && test -t 2 && echo all; exit 3', {
      io,
    });
    t.match(await command.ended, { cause: 'exit', exitCode: 3 });
    t.equal(seen(), '31 101\r\nall\r\n');
  });

  t.test(`${name}: it is the controlling terminal`, async (t) => {
    const { command, seen } = await run(t, 'echo through >/dev/tty');
    await command.ended;
    t.equal(seen(), 'through\r\n');
  });

  t.test(`${name}: input is echoed, and ^D at the start of a line is the end`, async (t) => {
    const { command, seen, see } = await run(t, 'echo ready; cat; echo rc=$?');
    await see('ready');
    await command.write(Buffer.from('hello\n'));
    await see('hello\r\nhello\r\n');
    await command.write(Buffer.from('\x04'));
    t.match(await command.ended, { exitCode: 0 });
    t.equal(seen(), 'ready\r\nhello\r\nhello\r\nrc=0\r\n');
  });

  t.test(`${name}: closing stdin ends the line and the input`, async (t) => {
    const { command, seen } = await run(t, 'cat');
    void command.write(Buffer.from('abc'));
    command.closeStdin();
    t.match(await command.ended, { exitCode: 0 });
    t.equal(seen(), 'abc\r\nabc\r\n');
  });

  t.test(`${name}: ^C runs the command’s own trap`, async (t) => {
    const { command, seen, see } = await run(
      t,
      'trap "echo trapped; exit 9" INT; echo ready; while :; do sleep 0.05; done',
    );
    await see('ready');
    await command.write(Buffer.from('\x03'));
    t.match(await command.ended, { cause: 'exit', exitCode: 9 });
    t.match(seen(), 'ready\r\n^Ctrapped\r\n');
  });

  t.test(`${name}: a new size reaches the command as SIGWINCH`, async (t) => {
    const { command, see } = await run(t, 'trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.05; done');
    await see('ready');
    command.resize({ rows: 45, cols: 132 });
    await see('45 132');
    await command.ended;
  });

  t.test(`${name}: exit codes on a terminal`, async (t) => {
    const { command: killed } = await run(t, 'sleep 60');
    killed.terminate();
    t.match(await killed.ended, { cause: 'terminate', exitCode: 1 }, 'ended by the client: 1');
    const { command: late } = await run(t, 'sleep 60', { timeoutMs: 50 });
    t.match(await late.ended, { cause: 'timeout', exitCode: 124 });
    const { command: signalled } = await run(t, 'kill -TERM $$');
    t.match(await signalled.ended, { cause: 'exit', exitCode: 143 }, 'a signal is 128 and its number');
  });

  t.test(`${name}: the command sets TERM itself`, async (t) => {
    const { command, seen } = await run(t, 'echo "[$TERM]"');
    await command.ended;
    t.equal(seen(), '[]\r\n', 'none is made up');
  });

  t.test(`${name}: a program that reads nothing does not block the daemon`, async (t) => {
    const { command, see } = await run(t, 'stty raw -echo; echo ready; sleep 60');
    await see('ready');
    // More than a terminal holds: a blocking write would hang here.
    let held = true;
    void command.write(Buffer.alloc(2_000_000, 'x')).then(() => (held = false));
    await elapse(100, 'a write that does not wait would end now');
    t.ok(held);
    command.terminate();
    t.match(await command.ended, { cause: 'terminate' });
    await until(() => !held, 'the write is let go');
  });

  t.test(`${name}: input for a slow reader arrives completely and in order`, async (t) => {
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    const { command, seen, see } = await run(
      t,
      `stty raw -echo; echo ready; sleep 0.3; head -c ${text.length} | cksum`,
    );
    await see('ready');
    await command.write(Buffer.from(text));
    await command.ended;
    const file = t.testdir({ text }) + '/text';
    const expected = script(`cksum < ${file}`);
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    await (
      await supervisor.start(expected)
    ).ended;
    t.match(seen(), expected.stdout.finish().trim());
  });

  t.test(`${name}: a slow receiver loses nothing of a terminal’s output`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const slow = slowSink(5000, 600);
    const command = await supervisor.start({
      ...script('head -c 300000 /dev/zero | tr "\\0" x', { permissions, io: terminal }),
      stdout: slow,
    });
    t.match(await command.ended, { cause: 'exit', exitCode: 0 });
    t.equal(slow.received(), 300_000);
  });

  t.test(`${name}: no command sees another’s terminal`, async (t) => {
    const { command, see } = await run(t, 'echo ready; sleep 60');
    await see('ready');
    const open = 'for f in /proc/$$/fd/*; do readlink $f; done';
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const beside = script(open, { permissions });
    await (
      await supervisor.start(beside)
    ).ended;
    t.notMatch(beside.stdout.finish(), /ptmx/, 'a command on pipes');
    const other = await run(t, open);
    await other.command.ended;
    t.notMatch(other.seen(), /ptmx/, 'a command on a terminal');
    command.terminate();
    await command.ended;
  });
}

t.test('on a terminal, too, a failed start has a reason', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const dir = t.testdir({ file: '' });
  const rows = [
    [{ argv: ['no-such-program'] }, 'No such file or directory (os error 2)', 'without the whole PATH in the text'],
    [{ argv: [`${dir}/file`] }, 'Permission denied (os error 13)', 'a file that is not executable'],
    [{ argv: [''] }, 'missing program for PTY spawn', 'no program'],
    [{ cwd: '/nonexistent' }, 'No such file or directory (os error 2)', 'never in another folder instead'],
    [{ cwd: `${dir}/file` }, 'Not a directory (os error 20)', 'a file to run in'],
  ] as const;
  for (const [changes, message, why] of rows) {
    const error = await supervisor.start(script('true', { io: terminal, ...changes })).catch((e: unknown) => e);
    t.match(error, { name: 'SpawnError', message }, why);
    t.ok(error instanceof SpawnError);
  }
});

t.test('a hundred terminals leave no open descriptor', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const one = async (): Promise<void> => {
    await (
      await supervisor.start(script('true', { io: terminal }))
    ).ended;
  };
  await one();
  const terminals = (): number =>
    fs.readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return /ptmx|pts/.test(fs.readlinkSync(`/proc/self/fd/${fd}`));
      } catch {
        return false;
      }
    }).length;
  const before = terminals();
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 10 }, one));
  await until(() => terminals() <= before, 'all are closed');
});

t.test('a helper that takes the terminal before the command, as on macOS', async (t) => {
  const { spawnOnTerminal } = await import('../../../server/exec/process/process-pty.js');
  // As node-pty's spawn-helper: the first terminal that the leader of a new session opens becomes its own.
  const folder = t.testdir({ helper: '#!/bin/bash\n: <>"$(tty)"\nshift\nexec "$@"\n' });
  fs.chmodSync(`${folder}/helper`, 0o755);
  const child = await spawnOnTerminal(
    {
      file: '/bin/sh',
      args: ['-c', 'echo "$1" >/dev/tty; exit 7', 'sh', 'a b'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    },
    { rows: 24, cols: 80 },
    { outer: [`${folder}/helper`, ''] },
  );
  let seen = '';
  child.stdout.read((piece) => void (seen += piece.toString()));
  t.match(await child.exited, { code: 7 });
  await child.stdout.ended;
  t.equal(seen, 'a b\r\n');
});
