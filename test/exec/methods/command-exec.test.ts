import path from 'node:path';
import t, { type Test } from 'tap';
import type { RequestParams } from '../../../schema/registry.js';
import { commandExecMethods, type CommandExecOptions } from '../../../server/exec/methods/command-exec.js';
import { RpcError } from '../../../server/errors/rpc-error.js';
import { ConfigError } from '../../../server/errors/config-error.js';
import { DENIAL, fakeCaller, memorySettings, POLICY, testSupervisor, type FakeCaller } from '../support/fakes.js';
import { alive, marker } from '../support/processes.js';
import { settled, until } from '../../fixtures/until.js';

type Params = RequestParams<'command/exec'>;

/** The values that the decoder fills in. */
const DEFAULTS: Params = {
  command: ['true'],
  processId: null,
  tty: false,
  streamStdin: false,
  streamStdoutStderr: false,
  outputBytesCap: null,
  disableOutputCap: false,
  disableTimeout: false,
  timeoutMs: null,
  cwd: null,
  env: null,
  size: null,
  sandboxPolicy: null,
  permissionProfile: null,
};
const DFA = { type: 'dangerFullAccess' } as const;
const sh = (script: string): string[] => ['sh', '-c', script];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function daemon(t: Test, changes: Partial<CommandExecOptions> = {}) {
  const made = testSupervisor();
  t.teardown(() => made.supervisor.close());
  const handlers = commandExecMethods({
    supervisor: made.supervisor,
    settings: memorySettings(),
    cwd: process.cwd(),
    env: process.env,
    ...changes,
  });
  const caller = fakeCaller();
  const answer = async <T>(result: T | Promise<T>): Promise<T | { code: number; message: string }> => {
    try {
      return await result;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { code: error.rpcCode, message: error.message };
    }
  };
  const context = { requestId: 1, afterAnswer() {} };
  return {
    ...made,
    caller,
    exec: (params: Partial<Params>, from: FakeCaller = caller) =>
      answer((async () => handlers['command/exec']({ ...DEFAULTS, ...params }, from, context))()),
    write: (processId: string, deltaBase64: string | null, closeStdin = false, from: FakeCaller = caller) =>
      answer((async () => handlers['command/exec/write']({ processId, deltaBase64, closeStdin }, from, context))()),
    resize: (processId: string, rows: number, cols: number) =>
      answer((async () => handlers['command/exec/resize']({ processId, size: { rows, cols } }, caller, context))()),
    terminate: (processId: string, from: FakeCaller = caller) =>
      answer((async () => handlers['command/exec/terminate']({ processId }, from, context))()),
  };
}

t.test('only the first mistake is reported', async (t) => {
  const { exec } = daemon(t);
  const size = { rows: 0, cols: 0 };
  const caps = { outputBytesCap: 1, disableOutputCap: true };
  const both = { permissionProfile: ':nope', sandboxPolicy: DFA };
  const rows: readonly (readonly [params: Partial<Params>, code: number, message: string])[] = [
    [{ command: [], ...both, size, ...caps, timeoutMs: -1 }, -32600, 'command must not be empty'],
    [{ ...both, size, ...caps }, -32600, '`permissionProfile` cannot be combined with `sandboxPolicy`'],
    [{ size, ...caps, timeoutMs: -1 }, -32602, 'command/exec size requires tty: true'],
    [
      { ...caps, timeoutMs: -1, disableTimeout: true },
      -32602,
      'command/exec cannot set both outputBytesCap and disableOutputCap',
    ],
    [{ timeoutMs: -1, disableTimeout: true }, -32602, 'command/exec cannot set both timeoutMs and disableTimeout'],
    [{ timeoutMs: -1, permissionProfile: 'nope' }, -32602, 'command/exec timeoutMs must be non-negative, got -1'],
    [
      { permissionProfile: 'nope', tty: true, size },
      -32600,
      'invalid permission profile: default_permissions refers to undefined profile `nope`',
    ],
    [{ tty: true, size }, -32602, 'command/exec size rows and cols must be greater than 0'],
    [
      { streamStdin: true, cwd: '/nonexistent' },
      -32600,
      'command/exec tty or streaming requires a client-supplied processId',
    ],
    [{ cwd: '/nonexistent' }, -32603, 'failed to spawn command: No such file or directory (os error 2)'],
  ];
  for (const [params, code, message] of rows) t.same(await exec(params), { code, message });
});

t.test('if the method is disabled, nothing else is checked', async (t) => {
  const { exec } = daemon(t, { env: { ...process.env, CODEX_EXEC_SERVER_URL: 'none' } });
  t.same(await exec({ command: [] }), { code: -32603, message: 'local environment is not configured' });
});

t.test('a request that the requirements forbid is refused', async (t) => {
  const refusal = new ConfigError('invalid value for `sandbox_mode`');
  const settings = memorySettings({
    assertAllowed: () => {
      throw refusal;
    },
  });
  const { exec } = daemon(t, { settings });
  t.match(await exec({ sandboxPolicy: DFA }), {
    code: -32600,
    message: 'invalid sandbox policy: invalid value for `sandbox_mode`',
  });
  t.match(await exec({ permissionProfile: ':workspace' }), {
    code: -32600,
    message: 'invalid permission profile: invalid value for `sandbox_mode`',
  });
});

t.test('a folder is relative to the daemon’s folder, and ~ is its home', async (t) => {
  const dir = t.testdir({ sub: {}, home: { x: {} } });
  const { exec } = daemon(t, { cwd: dir, env: { PATH: process.env.PATH, HOME: path.join(dir, 'home') } });
  const rows = [
    [null, dir],
    ['', dir],
    ['sub', `${dir}/sub`],
    ['sub/../sub/.', `${dir}/sub`],
    ['..', path.dirname(dir)],
    ['/usr', '/usr'],
    ['~', `${dir}/home`],
    ['~/x', `${dir}/home/x`],
  ] as const;
  for (const [cwd, expected] of rows) {
    t.same(await exec({ command: ['pwd'], cwd, sandboxPolicy: DFA }), {
      exitCode: 0,
      stdout: `${expected}\n`,
      stderr: '',
    });
  }
});

t.test('the folder of `:workspace_roots` depends on the source of the profile', async (t) => {
  const dir = t.testdir({ sub: {} });
  const { exec, requests } = daemon(t, { cwd: dir });
  await exec({ cwd: 'sub' });
  await exec({ cwd: 'sub', sandboxPolicy: { type: 'readOnly', networkAccess: false } });
  await exec({ cwd: 'sub', permissionProfile: ':workspace' });
  t.same(
    requests.map(({ workspaceRoots }) => workspaceRoots),
    [[dir], [dir], [`${dir}/sub`]],
  );
});

t.test('buffered output is capped per stream; the command continues to its own end', async (t) => {
  const { exec, caller } = daemon(t);
  const command = sh('printf abcdefgh; printf uvw >&2; exit 4');
  t.same(await exec({ command, outputBytesCap: 5 }), { exitCode: 4, stdout: 'abcde', stderr: 'uvw' });
  const big = sh('head -c 1300000 /dev/zero | tr "\\0" x');
  t.match(await exec({ command: big }), { exitCode: 0, stdout: /^x{1048576}$/ }, 'one MiB unless asked otherwise');
  t.match(await exec({ command: big, disableOutputCap: true }), { exitCode: 0, stdout: /^x{1300000}$/ });
  t.same(caller.notes, [], 'nothing is streamed');
});

t.test('streamed output comes as deltas before the answer, which then has no output', async (t) => {
  const { exec, caller } = daemon(t);
  const command = sh('printf abcdefghij; printf 12 >&2; exit 3');
  const result = await exec({ command, processId: 's', streamStdoutStderr: true, outputBytesCap: 5 });
  t.same(result, { exitCode: 3, stdout: '', stderr: '' });
  const deltas = caller.notes.map(({ method, params }) => ({ method, ...params }));
  t.same(
    deltas.sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length),
    [
      { method: 'command/exec/outputDelta', processId: 's', stream: 'stderr', deltaBase64: 'MTI=', capReached: false },
      {
        method: 'command/exec/outputDelta',
        processId: 's',
        stream: 'stdout',
        deltaBase64: 'YWJjZGU=',
        capReached: true,
      },
    ],
  );
});

t.test('a client that does not read delays the command and loses nothing', async (t) => {
  const { exec, caller } = daemon(t);
  caller.reads = false;
  const bytes = 8 * 1024 * 1024;
  const run = exec({
    command: sh(`head -c ${bytes} /dev/zero`),
    processId: 's',
    streamStdoutStderr: true,
    disableOutputCap: true,
    disableTimeout: true,
    sandboxPolicy: DFA,
  });
  await settled(() => caller.text('s').length, 'what is sent ahead of the reader');
  t.ok(caller.text('s').length < bytes / 4, 'most of it still waits with the command');
  caller.reads = true;
  t.match(await run, { exitCode: 0 });
  t.equal(caller.text('s').length, bytes);
});

t.test('control calls: mistakes, in their order', async (t) => {
  const { exec, write, resize, terminate } = daemon(t);
  const runs = [
    exec({ command: ['sleep', '60'], processId: 'w', streamStdin: true, sandboxPolicy: DFA }),
    exec({ command: ['sleep', '60'], processId: 'off', sandboxPolicy: DFA }),
  ];
  const invalid = (message: string) => ({ code: -32602, message });
  const refused = (message: string) => ({ code: -32600, message });
  const unknown = refused('no active command/exec for process id "zz"');
  const off = refused('stdin streaming is not enabled for this command/exec');
  t.same(await write('zz', null), invalid('command/exec/write requires deltaBase64 or closeStdin'));
  t.same(await write('zz', '!!!'), invalid('invalid deltaBase64: Invalid symbol 33, offset 0.'));
  t.same(await write('zz', 'YQ=='), unknown);
  t.same(await write('off', ''), off, 'even nothing');
  t.same(await write('off', null, true), off);
  t.same(await resize('zz', 0, 1), invalid('command/exec size rows and cols must be greater than 0'));
  t.same(await resize('zz', 1, 1), unknown);
  t.same(await resize('w', 1, 1), refused('failed to resize PTY: process is not attached to a PTY'));
  t.same(await terminate('zz'), unknown);
  t.same(await write('w', 'YQ==', true), {});
  t.same(await write('w', 'YQ=='), refused('stdin is already closed'));
  t.same(await write('w', ''), {}, 'nothing can still be written');
  t.same(await write('w', null, true), {}, 'and closed once more');
  t.same(
    await exec({ command: ['no-such-program'], processId: 'w', sandboxPolicy: DFA }),
    refused('duplicate active command/exec process id: "w"'),
    'before it is tried',
  );
  t.same([await terminate('w'), await terminate('off')], [{}, {}]);
  t.match(await Promise.all(runs), [{ exitCode: 137 }, { exitCode: 137 }]);
  t.same(await terminate('w'), refused('no active command/exec for process id "w"'));
  t.match(await exec({ processId: 'w', sandboxPolicy: DFA }), { exitCode: 0 }, 'the id is free again');
});

t.test('a failed start frees the id', async (t) => {
  const { exec } = daemon(t);
  const failing = { command: ['no-such-program'], processId: 'f', sandboxPolicy: DFA };
  t.match(await exec(failing), { code: -32603 });
  t.match(await exec(failing), { code: -32603 }, 'not a duplicate');
});

t.test('calls directly after the start wait for it', async (t) => {
  const { exec, write, terminate } = daemon(t);
  const run = exec({ command: ['cat'], processId: 'c', streamStdin: true });
  t.same(await Promise.all([write('c', base64('one ')), write('c', base64('two'), true)]), [{}, {}]);
  t.same(await run, { exitCode: 0, stdout: 'one two', stderr: '' });
  const failing = exec({ command: ['no-such-program'], processId: 'f', streamStdin: true, sandboxPolicy: DFA });
  t.match(await terminate('f'), { message: 'no active command/exec for process id "f"' });
  t.match(await failing, { code: -32603 });
});

t.test('a call between the end and its report receives an error', async (t) => {
  const { exec, write, terminate } = daemon(t);
  // A process holds the output open: the command has ended and is not answered yet.
  const run = exec({ command: sh('setsid sleep 60 & exit 0'), processId: 'o', streamStdin: true, sandboxPolicy: DFA });
  const over = { code: -32600, message: 'command/exec "o" is no longer running' };
  let answer: unknown = {};
  await until(async () => {
    answer = await write('o', base64('x'));
    return JSON.stringify(answer) !== '{}';
  }, 'writing is refused');
  t.same(answer, over);
  t.same(await terminate('o'), over);
  t.match(await run, { exitCode: 0 });
});

t.test('each connection has its own ids', async (t) => {
  const { exec, terminate, write } = daemon(t);
  const [a, b] = [fakeCaller(), fakeCaller()];
  const sleeping = { command: ['sleep', '60'], processId: 'x', streamStdin: true, sandboxPolicy: DFA };
  const runA = exec(sleeping, a);
  t.match(await terminate('x', b), { message: 'no active command/exec for process id "x"' });
  const runB = exec({ ...sleeping, command: ['cat'] }, b);
  t.same(await write('x', base64('for b'), true, b), {});
  t.match(await runB, { exitCode: 0, stdout: 'for b' });
  t.same(await terminate('x', a), {});
  t.match(await runA, { exitCode: 137, stdout: '' });
});

t.test('a connection that closes ends its commands, and no others', async (t) => {
  const { exec, terminate } = daemon(t);
  const [a, b] = [fakeCaller(), fakeCaller()];
  const [mine, theirs] = [marker(), marker()];
  const children = (mark: string): string[] => sh(`setsid sleep ${mark} & sleep ${mark}`);
  const runs = [
    exec({ command: children(mine), processId: 'x', streamStdoutStderr: true }, a),
    exec({ command: children(mine), sandboxPolicy: DFA }, a),
    exec({ command: ['cat', '-'], processId: 't', tty: true, sandboxPolicy: DFA }, a),
  ];
  const other = exec({ command: children(theirs), processId: 'x', sandboxPolicy: DFA }, b);
  await until(() => alive(mine).length >= 4 && alive(theirs).length >= 2, 'all are up');
  a.close();
  await Promise.all(runs);
  await until(() => alive(mine).length === 0, 'its commands are gone');
  t.ok(alive(theirs).length >= 2);
  await terminate('x', b);
  await other;
});

t.test('a denial is a normal result, with an additional line and the denial', async (t) => {
  const settings = memorySettings({ networkAccess: () => ({ kind: 'proxied', policy: POLICY }) });
  const { exec, registered, caller } = daemon(t, { settings });
  const networkDenial = {
    host: 'denied.test',
    port: 443,
    protocol: 'https',
    reason: 'not_allowed',
    rule: null,
    source: 'baseline_policy',
  };
  const denied = async (params: Partial<Params>): Promise<unknown> => {
    const mark = marker();
    const run = exec({ command: sh(`printf out; printf err >&2; echo up >&2; exec sleep ${mark}; true`), ...params });
    // Its command line is that of sleep, not of the shell: everything before it was written.
    await until(() => alive(`sleep\0${mark}`).length > 0, 'the output is written');
    registered.at(-1)?.deny();
    return run;
  };
  t.same(await denied({}), { exitCode: 137, stdout: 'out', stderr: `errup\n${DENIAL.message}\n`, networkDenial });
  t.same(await denied({ processId: 's', streamStdoutStderr: true }), {
    exitCode: 137,
    stdout: '',
    stderr: '',
    networkDenial,
  });
  t.equal(caller.text('s', 'stderr'), `errup\n${DENIAL.message}\n`, 'streamed as the last of stderr');
  t.same(await denied({ processId: 't', tty: true }), { exitCode: 137, stdout: '', stderr: '', networkDenial });
  t.equal(caller.text('t', 'stdout'), `outerrup\r\n${DENIAL.message}\r\n`, 'on a terminal, of what is shown');
});
