import t, { type Test } from 'tap';
import type { RequestParams } from '../../../schema/registry.js';
import { processMethods } from '../../../server/exec/methods/process.js';
import { silentLogger } from '../../../server/log/log.js';
import { RpcError } from '../../../server/errors/rpc-error.js';
import { fakeCaller, testSupervisor } from '../support/fakes.js';
import { until } from '../../fixtures/until.js';

type Params = RequestParams<'process/spawn'>;

const DEFAULTS: Params = {
  command: ['true'],
  processHandle: 'p',
  cwd: process.cwd(),
  tty: false,
  streamStdin: false,
  streamStdoutStderr: false,
  env: null,
  size: null,
};
const sh = (script: string): string[] => ['sh', '-c', script];

function daemon(t: Test, env: NodeJS.ProcessEnv = process.env) {
  const made = testSupervisor();
  t.teardown(() => made.supervisor.close());
  const handlers = processMethods({ supervisor: made.supervisor, env, log: silentLogger });
  const caller = fakeCaller();
  const context = { requestId: 1, afterAnswer() {} };
  const answer = async <T>(result: T | Promise<T>): Promise<T | { code: number; message: string }> => {
    try {
      return await result;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { code: error.rpcCode, message: error.message };
    }
  };
  const spawn = (params: Partial<Params>) =>
    answer((async () => handlers['process/spawn']({ ...DEFAULTS, ...params }, caller, context))());
  const exited = async (processHandle: string): Promise<Record<string, unknown>> => {
    const find = () =>
      caller.notes.find((note) => note.method === 'process/exited' && note.params.processHandle === processHandle);
    await until(() => find() !== undefined, `${processHandle} has exited`);
    return find()?.params ?? {};
  };
  return {
    ...made,
    caller,
    spawn,
    exited,
    write: (processHandle: string, deltaBase64: string | null, closeStdin = false) =>
      answer(
        (async () => handlers['process/writeStdin']({ processHandle, deltaBase64, closeStdin }, caller, context))(),
      ),
    resize: (processHandle: string, rows: number, cols: number) =>
      answer((async () => handlers['process/resizePty']({ processHandle, size: { rows, cols } }, caller, context))()),
    kill: (processHandle: string) =>
      answer((async () => handlers['process/kill']({ processHandle }, caller, context))()),
  };
}

t.test('the answer comes with the start, the end as a notification', async (t) => {
  const { spawn, exited } = daemon(t);
  t.same(await spawn({ command: sh('echo out; echo err >&2; exit 3') }), {});
  t.same(await exited('p'), {
    processHandle: 'p',
    exitCode: 3,
    outputDrainTimedOut: false,
    stdout: 'out\n',
    stdoutCapReached: false,
    stderr: 'err\n',
    stderrCapReached: false,
  });
});

t.test('absent and null are different caps and timeouts', async (t) => {
  const { spawn, exited } = daemon(t);
  const big = sh('head -c 1300000 /dev/zero | tr "\\0" x');
  await spawn({ command: big, processHandle: 'absent' });
  t.match(await exited('absent'), { stdout: /^x{1048576}$/, stdoutCapReached: true });
  await spawn({ command: big, processHandle: 'null', outputBytesCap: null, timeoutMs: null });
  t.match(await exited('null'), { stdout: /^x{1300000}$/, stdoutCapReached: false });
  await spawn({ command: ['printf', 'abc'], processHandle: 'exact', outputBytesCap: 3 });
  t.match(await exited('exact'), { stdout: 'abc', stdoutCapReached: true, stderrCapReached: false });
  await spawn({ command: ['sleep', '60'], processHandle: 'late', timeoutMs: 50 });
  t.match(await exited('late'), { exitCode: 124 });
});

t.test('streamed output precedes the end, which then has no output', async (t) => {
  const { spawn, exited, caller } = daemon(t);
  await spawn({ command: ['printf', 'abcde'], outputBytesCap: 3, streamStdoutStderr: true });
  t.match(await exited('p'), { stdout: '', stdoutCapReached: true });
  t.same(caller.notes[0], {
    method: 'process/outputDelta',
    params: { processHandle: 'p', stream: 'stdout', deltaBase64: 'YWJj', capReached: true },
  });
});

t.test('mistakes, in their order', async (t) => {
  const { spawn } = daemon(t);
  const size = { rows: 0, cols: 1 };
  const rows: readonly (readonly [params: Partial<Params>, code: number, message: string])[] = [
    [{ command: [], processHandle: '' }, -32600, 'command must not be empty'],
    [{ processHandle: '', size }, -32600, 'processHandle must not be empty'],
    [{ size, timeoutMs: -1 }, -32602, 'process/spawn size requires tty: true'],
    [{ tty: true, size, timeoutMs: -1 }, -32602, 'process/spawn timeoutMs must be non-negative, got -1'],
    [{ tty: true, size }, -32602, 'process size rows and cols must be greater than 0'],
    [{ command: ['no-such-program'] }, -32603, 'failed to spawn process: No such file or directory (os error 2)'],
    [{ command: [''] }, -32603, 'failed to spawn process: missing program for pipe spawn'],
    [{ cwd: '/nonexistent' }, -32603, 'failed to spawn process: No such file or directory (os error 2)'],
    [{ command: ['a\0'] }, -32603, 'failed to spawn process: nul byte found in provided data'],
  ];
  for (const [params, code, message] of rows) t.same(await spawn(params), { code, message });
  t.same(await daemon(t, { CODEX_EXEC_SERVER_URL: 'none' }).spawn({ command: [] }), {
    code: -32603,
    message: 'local environment is not configured',
  });
});

t.test('control calls', async (t) => {
  const { spawn, exited, write, resize, kill } = daemon(t);
  await spawn({ command: ['sleep', '60'] });
  const refused = (message: string) => ({ code: -32600, message });
  t.same(await spawn({ command: ['no-such-program'] }), refused('duplicate active process handle: "p"'));
  t.same(await write('p', null), { code: -32602, message: 'process/writeStdin requires deltaBase64 or closeStdin' });
  t.same(await write('p', 'YQ=='), refused('stdin streaming is not enabled for this process'));
  t.same(await resize('p', 1, 1), refused('failed to resize PTY: process is not attached to a PTY'));
  t.same(await kill('zz'), refused('no active process for process handle "zz"'));
  t.same(await kill('p'), {});
  t.match(await exited('p'), { exitCode: 137 });
  t.same(await kill('p'), refused('no active process for process handle "p"'));
});

t.test('a terminal is controlled through its handle', async (t) => {
  const { spawn, exited, write, resize, caller } = daemon(t);
  const command = sh('stty -echo; stty size; read x; echo "got:$x"; stty size');
  await spawn({ command, tty: true, size: { rows: 10, cols: 20 } });
  await until(() => caller.text('p').includes('10 20'), 'the first size');
  t.same(await resize('p', 11, 22), {});
  t.same(await write('p', Buffer.from('yo\n').toString('base64')), {});
  t.match(await exited('p'), { exitCode: 0, stdout: '' });
  t.equal(caller.text('p', 'stdout'), '10 20\r\ngot:yo\r\n11 22\r\n');
});

t.test('processes get the daemon’s environment and no variables of a sandbox', async (t) => {
  const { spawn, exited, requests } = daemon(t, { PATH: process.env.PATH, OPENAI_API_KEY: 'k', GONE: 'x' });
  const command = sh('echo "$OPENAI_API_KEY [$GONE] [$CODEX_SANDBOX_NETWORK_DISABLED] $NEW"');
  await spawn({ command, env: { GONE: null, NEW: 'new' } });
  t.match(await exited('p'), { stdout: 'k [] [] new\n' });
  t.same(requests, [], 'no sandbox was asked for');
});

t.test('a process ends with its connection, and no notification follows', async (t) => {
  const { spawn, caller, registered } = daemon(t);
  await spawn({ command: ['sleep', '60'] });
  caller.close();
  await until(() => registered[0]?.finished.length === 1, 'it has ended');
});
