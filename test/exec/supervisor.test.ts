import { sandboxRefused } from '../../server/sandbox/policy/sandbox.js';
import t from 'tap';
import type { CommandEnd } from '../../server/exec/start/command.js';
import { collectedOutput } from '../../server/exec/run/output.js';
import { UNRESTRICTED } from '../../server/exec/start/permissions.js';
import { SpawnError } from '../../server/exec/process/spawn-errors.js';
import { createSupervisor } from '../../server/exec/supervisor.js';
import { silentLogger } from '../../server/log/log.js';
import { DENIAL, memoryApprovals, NO_REQUIREMENTS, plainSandbox, testSupervisor } from './support/fakes.js';
import { alive, marker } from './support/processes.js';
import { PROXIED, SANDBOXED, script, slowSink, WAYS } from './support/spec.js';
import { elapse, until } from '../fixtures/until.js';

for (const [name, permissions] of WAYS) {
  t.test(`${name}: a command runs to its end`, async (t) => {
    const { supervisor, registered } = testSupervisor();
    t.teardown(() => supervisor.close());
    const spec = script('echo out; echo err >&2; exit 3', { permissions });
    t.same(await (await supervisor.start(spec)).ended, {
      cause: 'exit',
      exitCode: 3,
      denial: null,
      drainTimedOut: false,
    });
    t.equal(spec.stdout.finish(), 'out\n');
    t.equal(spec.stderr.finish(), 'err\n');
    t.same(
      registered.map(({ finished }) => finished.length),
      [1],
      'registered, and finished once',
    );
  });

  t.test(`${name}: the exit codes of the ways to end`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const end = async (text: string, timeoutMs: number | null = null): Promise<CommandEnd> =>
      (await supervisor.start(script(text, { permissions, timeoutMs }))).ended;
    t.match(await end('kill -TERM $$'), { cause: 'exit', exitCode: 143 }, 'a signal is 128 and its number');
    t.match(await end('kill -KILL $$'), { cause: 'exit', exitCode: 137 });
    t.match(await end('exit 124'), { cause: 'exit', exitCode: 124 });
    t.match(await end('trap "" TERM INT; sleep 60', 50), { cause: 'timeout', exitCode: 124 }, 'a timeout is 124');
    t.match(await end('sleep 60', 0), { cause: 'timeout', exitCode: 124 }, 'no time at all is a timeout at once');
    const killed = await supervisor.start(script('trap "" TERM; sleep 60', { permissions }));
    killed.terminate();
    t.match(await killed.ended, { cause: 'terminate', exitCode: 137 });
  });

  t.test(`${name}: every end of a command ends all of its processes`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const endings = ['exit', 'timeout', 'terminate', 'ownerGone', 'denial', 'close'] as const;
    for (const ending of endings) {
      const mark = marker();
      const { registered, supervisor } = testSupervisor();
      const gone = new AbortController();
      // A plain child, one in its own session, and one that has also closed the output.
      const children = `sleep ${mark} & setsid sleep ${mark} & setsid sh -c 'sleep ${mark}' >/dev/null 2>&1 & `;
      const wait = ending === 'exit' ? 'read line' : `sleep ${mark}`;
      const command = await supervisor.start(
        script(`${children} echo up; ${wait}`, {
          permissions,
          gone: gone.signal,
          io: { kind: 'pipes', stdin: true },
          timeoutMs: ending === 'timeout' ? 3000 : null,
        }),
      );
      await until(() => alive(mark).length >= 4, 'the children are up');
      if (ending === 'exit') command.closeStdin();
      if (ending === 'terminate') command.terminate();
      if (ending === 'ownerGone') gone.abort();
      if (ending === 'denial') registered[0]?.deny();
      if (ending === 'close') await supervisor.close();
      t.match(await command.ended, { cause: ending === 'close' ? 'ownerGone' : ending }, ending);
      await until(() => alive(mark).length === 0, `nothing is left after ${ending}`);
      await supervisor.close();
    }
  });

  t.test(`${name}: a child sees pipes, no other descriptor, and signals at their defaults`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const spec = script(
      'echo via-path >/dev/stderr; grep SigIgn /proc/self/status; for f in /proc/self/fd/*; do readlink $f; done | grep -c socket',
      { permissions, io: { kind: 'pipes', stdin: true } },
    );
    const command = await supervisor.start(spec);
    command.closeStdin();
    await command.ended;
    t.equal(spec.stderr.finish(), 'via-path\n', '/dev/stderr can be opened, which a socket cannot');
    t.equal(spec.stdout.finish(), 'SigIgn:\t0000000000000000\n0\n', 'SIGPIPE is not ignored');
  });

  t.test(`${name}: stdin without a stream is empty`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const spec = script('cat; echo rc=$?', { permissions });
    await (
      await supervisor.start(spec)
    ).ended;
    t.equal(spec.stdout.finish(), 'rc=0\n');
  });

  t.test(`${name}: a megabyte in pipelined writes arrives in order`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const spec = script('sleep 0.2; cat', { permissions, io: { kind: 'pipes', stdin: true } });
    const command = await supervisor.start(spec);
    const pieces = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000, String.fromCharCode(97 + index)));
    const writes = pieces.map((piece) => command.write(piece));
    command.closeStdin();
    await Promise.all(writes);
    await command.ended;
    t.ok(spec.stdout.finish() === Buffer.concat(pieces).toString());
  });

  t.test(`${name}: writes to a reader that closed are accepted without harm`, async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const spec = script('exec <&-; echo closed; sleep 0.3; echo end', {
      permissions,
      io: { kind: 'pipes', stdin: true },
    });
    const command = await supervisor.start(spec);
    for (let index = 0; index < 40; index++) await command.write(Buffer.alloc(100_000));
    t.match(await command.ended, { cause: 'exit', exitCode: 0 });
    t.equal(spec.stdout.finish(), 'closed\nend\n');
  });
}

t.test('a writer that is much faster than its reader waits, and is released when the command ends', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const command = await supervisor.start(script('sleep 60', { io: { kind: 'pipes', stdin: true } }));
  let held = true;
  const write = command.write(Buffer.alloc(8 * 1024 * 1024)).then(() => (held = false));
  await elapse(50, 'a write that does not wait would end now');
  t.ok(held, 'nobody reads these eight megabytes');
  command.terminate();
  await write;
});

t.test(
  'a process that keeps the output open delays the end without a sandbox by two seconds and is killed',
  async (t) => {
    const { supervisor } = testSupervisor();
    t.teardown(() => supervisor.close());
    const mark = marker();
    const spec = script(`setsid sleep ${mark} & echo now; exit 5`);
    t.match(await (await supervisor.start(spec)).ended, { cause: 'exit', exitCode: 5, drainTimedOut: true });
    t.equal(spec.stdout.finish(), 'now\n');
    t.same(alive(mark), []);
  },
);

t.test('a stream with its cap reached does not delay the end', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const spec = {
    ...script('sleep 60 & echo text; echo text >&2'),
    stdout: collectedOutput(2),
    stderr: collectedOutput(2),
  };
  t.match(await (await supervisor.start(spec)).ended, { cause: 'exit', drainTimedOut: false });
});

t.test('output that a slow receiver has not read yet survives the end of the command', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const slow = slowSink(200_000, 700);
  const command = await supervisor.start({ ...script('head -c 1000000 /dev/zero'), stdout: slow });
  t.match(await command.ended, { cause: 'exit', exitCode: 0, drainTimedOut: false });
  t.equal(slow.received(), 1_000_000);
});

t.test('a denial kills its own command at once, and is its outcome', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const mark = marker();
  const spec = script(`echo before; sleep ${mark}; echo after`, { permissions: PROXIED });
  const neighbour = await supervisor.start(script('sleep 0.5; echo fine', { permissions: PROXIED }));
  const command = await supervisor.start(spec);
  await until(() => alive(`sleep\0${mark}`).length > 0, 'it runs');
  registered[1]?.deny();
  t.same(await command.ended, { cause: 'denial', exitCode: 137, denial: DENIAL, drainTimedOut: false });
  t.equal(spec.stdout.finish(), 'before\n');
  t.match(await neighbour.ended, { cause: 'exit', exitCode: 0, denial: null }, 'a neighbour runs on');
  t.same(registered[1]?.finished, [{ treeGone: true }]);
});

t.test('a denial before the exit is reported is the outcome, one after it is not', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  // The process has exited. Its output is still held open, so nothing was reported yet.
  const command = await supervisor.start(script('setsid sleep 60 & exit 7'));
  await until(() => command.exited, 'the exit');
  registered[0]?.deny();
  t.match(await command.ended, { cause: 'denial', exitCode: 7, denial: DENIAL }, 'with the exit code that was');
  const late = await supervisor.start(script('exit 7'));
  await late.ended;
  registered[1]?.deny();
  t.match(await late.ended, { cause: 'exit', denial: null });
});

t.test('the first of timeout, terminate and denial is the outcome', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const first = await supervisor.start(script('sleep 60'));
  first.terminate();
  registered[0]?.deny();
  t.match(await first.ended, { cause: 'terminate', denial: null });
  const second = await supervisor.start(script('sleep 60'));
  registered[1]?.deny();
  second.terminate();
  t.match(await second.ended, { cause: 'denial', denial: DENIAL });
});

t.test('under `refuse` a denial does not affect the command', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const permissions = { ...UNRESTRICTED, onNetworkDenial: 'refuse' } as const;
  const command = await supervisor.start(script('sleep 0.2; exit 4', { permissions }));
  registered[0]?.deny();
  t.match(await command.ended, { cause: 'exit', exitCode: 4, denial: null });
});

t.test('a command is registered before any of its parts is created or started', async (t) => {
  const order: string[] = [];
  const { approvals } = memoryApprovals();
  const { sandbox } = plainSandbox();
  const supervisor = createSupervisor({
    requirements: NO_REQUIREMENTS,
    approvals: { ...approvals, register: (options) => (order.push('register'), approvals.register(options)) },
    sandbox: { ...sandbox, wrap: (request) => (order.push('wrap'), sandbox.wrap(request)) },
    log: silentLogger,
  });
  t.teardown(() => supervisor.close());
  await (
    await supervisor.start(script('true', { permissions: SANDBOXED }))
  ).ended;
  t.same(order, ['register', 'wrap']);
});

t.test('a command with permissions that cannot be enforced does not run', async (t) => {
  const { approvals, registered } = memoryApprovals();
  const sandbox = {
    ...plainSandbox().sandbox,
    wrap: () => Promise.reject(sandboxRefused('no user namespaces here: enable them')),
  };
  const supervisor = createSupervisor({ requirements: NO_REQUIREMENTS, approvals, sandbox, log: silentLogger });
  t.teardown(() => supervisor.close());
  const mark = marker();
  await t.rejects(supervisor.start(script(`sleep ${mark}`, { permissions: SANDBOXED })), { code: 'sandbox.refused' });
  t.same(alive(mark), []);
  t.equal(registered[0]?.finished.length, 1, 'and its registration is given back');
});

t.test('a proxied command without a lane does not run', async (t) => {
  const { approvals, registered } = memoryApprovals();
  const register: typeof approvals.register = async (options) => {
    const registration = await approvals.register(options);
    return { ...registration, lane: null, finish: registration.finish };
  };
  const supervisor = createSupervisor({
    requirements: NO_REQUIREMENTS,
    approvals: { ...approvals, register },
    sandbox: plainSandbox().sandbox,
    log: silentLogger,
  });
  t.teardown(() => supervisor.close());
  await t.rejects(supervisor.start(script('true', { permissions: PROXIED })), { message: /no network lane/ });
  t.equal(registered[0]?.finished.length, 1);
});

t.test('a failed start has a reason', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const dir = t.testdir({ file: '' });
  const noEntry = 'No such file or directory (os error 2)';
  const rows = [
    [{ argv: ['no-such-program'] }, noEntry, 'an unknown program'],
    [{ argv: ['/nonexistent/x'] }, noEntry, 'a missing path'],
    [{ argv: [`${dir}/file`] }, 'Permission denied (os error 13)', 'a file that is not executable'],
    [{ argv: [dir] }, 'Permission denied (os error 13)', 'a folder'],
    [{ argv: [''] }, 'missing program for pipe spawn', 'no program'],
    [{ cwd: '/nonexistent' }, noEntry, 'a missing folder to run in'],
    [{ cwd: `${dir}/file` }, 'Not a directory (os error 20)', 'a file to run in'],
    [{ argv: ['echo', 'a\0b'] }, 'nul byte found in provided data', 'NUL in an argument'],
    [{ env: { A: 'a\0b' } }, 'data provided contains a nul byte', 'NUL in the environment'],
    [{ argv: ['true', 'x'.repeat(3_000_000)] }, 'Argument list too long (os error 7)', 'more than the kernel takes'],
  ] as const;
  for (const [changes, message, why] of rows) {
    await t.rejects(supervisor.start(script('true', changes)), { name: 'SpawnError', message }, why);
  }
});

t.test('in a sandbox an unknown program is a result, as in a shell', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const rows = [
    ['no-such-program', 127, 'No such file or directory'],
    ['/etc/passwd', 126, 'Permission denied'],
    ['/etc', 126, 'Permission denied'],
  ] as const;
  for (const [program, exitCode, reason] of rows) {
    const spec = { ...script('', { permissions: SANDBOXED }), argv: [program] };
    t.match(await (await supervisor.start(spec)).ended, { cause: 'exit', exitCode });
    t.equal(spec.stderr.finish(), `codexd: cannot run ${program}: ${reason}\n`);
  }
  t.equal(registered.length, 0, 'nothing was run');
  await t.rejects(supervisor.start(script('', { permissions: SANDBOXED, cwd: '/nonexistent' })), SpawnError);
});

t.test('commands see their permissions, and no request can override these variables', async (t) => {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const seen = async (changes: Parameters<typeof script>[1]): Promise<string> => {
    const spec = script('echo "$CODEX_SANDBOX_NETWORK_DISABLED"', changes);
    await (
      await supervisor.start(spec)
    ).ended;
    return spec.stdout.finish().trim();
  };
  const env = { PATH: process.env.PATH ?? '', CODEX_SANDBOX_NETWORK_DISABLED: 'mine' };
  t.equal(await seen({ permissions: SANDBOXED }), '1');
  t.equal(await seen({ permissions: SANDBOXED, env }), '1', 'not overridable while restricted');
  t.equal(await seen({ env }), 'mine', 'and nobody’s business otherwise');
  t.equal(await seen({ permissions: PROXIED, env }), '', 'proxied is not disabled');
});

t.test('nothing starts after the owner has ended or the supervisor is closed', async (t) => {
  const { supervisor, registered } = testSupervisor();
  const mark = marker();
  await t.rejects(supervisor.start(script(`sleep ${mark}`, { gone: AbortSignal.abort() })), SpawnError);
  await supervisor.close();
  await t.rejects(supervisor.start(script(`sleep ${mark}`)), SpawnError);
  t.same(alive(mark), []);
  t.same(
    registered.map(({ finished }) => finished.length),
    [1, 1],
  );
});

t.test('sixty simultaneous commands keep their outputs and exit codes separate', async (t) => {
  const { supervisor, released } = testSupervisor();
  t.teardown(() => supervisor.close());
  const runs = Array.from({ length: 60 }, async (_, index) => {
    const spec = script(`echo ${index}; exit ${index}`, { permissions: index % 3 ? UNRESTRICTED : SANDBOXED });
    const { exitCode } = await (await supervisor.start(spec)).ended;
    return [spec.stdout.finish(), exitCode];
  });
  t.same(
    await Promise.all(runs),
    runs.map((_, index) => [`${index}\n`, index]),
  );
  t.equal(released(), 20, 'every sandbox is released');
});

t.test('while a prompt about a command is open, its timeout is paused', async (t) => {
  const { supervisor, registered } = testSupervisor();
  t.teardown(() => supervisor.close());
  const command = await supervisor.start(script('sleep 30', { timeoutMs: 300 }));
  const seen: boolean[] = [];
  const stop = command.watchPrompts((asked) => seen.push(asked));
  const tell = (asked: boolean): void => registered[0]?.watchers.forEach((watcher) => watcher(asked));
  tell(true);
  await elapse(600, 'twice the time that the command has');
  t.notOk(command.exited, 'a person may take longer than the command may');
  tell(false);
  t.match(await command.ended, { cause: 'timeout', exitCode: 124 });
  stop();
  t.strictSame(seen, [true, false]);
  t.equal(registered[0]?.watchers.size, 0, 'nobody listens any more');
});

t.test(
  'the registration hears which processes are the command’s, where the sandbox knows, before any starts',
  async (t) => {
    const { sandbox } = plainSandbox();
    const claimed: number[] = [];
    const { supervisor, registered } = testSupervisor({
      sandbox: {
        ...sandbox,
        wrap: async (request) => {
          claimed.push(registered[0]?.claims.length ?? -1);
          return { ...(await sandbox.wrap(request)), contains: (pid) => pid === 7 };
        },
      },
    });
    t.teardown(() => supervisor.close());
    await (
      await supervisor.start(script('true', { permissions: PROXIED }))
    ).ended;
    await (
      await supervisor.start(script('true'))
    ).ended;
    t.strictSame(claimed, [0]);
    t.strictSame(
      registered.map(({ claims }) => claims.map((contains) => [contains(7), contains(8)])),
      [[[true, false]], []],
    );
  },
);
