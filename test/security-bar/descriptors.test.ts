/**
 * Security bar, cases 81 and 84: at the limit of open files, starts are refused with a clear error, nothing leaks, and
 * running commands end normally. Real daemons with real limits.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { silentLogger } from '../../server/log/log.js';
import { createPipePool, type PipeEnds, type PipePool } from '../../server/exec/process/pipe-pool.js';
import { createSandbox } from '../../server/sandbox/create-sandbox.js';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';
import { testSupervisor } from '../exec/support/fakes.js';
import { script, WAYS } from '../exec/support/spec.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(900_000);

const READ = { type: 'readOnly' };
const OPEN = { type: 'dangerFullAccess' };

/**
 * A process's open descriptors without those made in advance: pipes of the pool are O_PATH, sockets of lanes are in no
 * table.
 */
function open(pid: number): Record<'sockets' | 'pipes' | 'terminals' | 'files', number> {
  const unix = new Set(
    fs
      .readFileSync(`/proc/${pid}/net/unix`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[6]),
  );
  const counts = { sockets: 0, pipes: 0, terminals: 0, files: 0 };
  for (const name of fs.readdirSync(`/proc/${pid}/fd`)) {
    let link: string;
    let flags: number;
    try {
      link = fs.readlinkSync(`/proc/${pid}/fd/${name}`);
      const shown = fs.readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8');
      flags = parseInt(/flags:\s+(\d+)/.exec(shown)?.[1] ?? '0', 8);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue; // Closed meanwhile.
      throw error;
    }
    const socket = /^socket:\[(\d+)\]/.exec(link)?.[1];
    if (socket !== undefined) counts.sockets += unix.has(socket) ? 1 : 0;
    else if (link.startsWith('pipe:')) counts.pipes += flags & O_PATH ? 0 : 1;
    else if (/^\/dev\/(ptmx|pts)/.test(link)) counts.terminals++;
    else if (link.startsWith('/')) counts.files++;
  }
  return counts;
}
const O_PATH = 0o10000000;

/** With 64, the daemon itself is near its reserve: it may refuse, but must not leak. */
const LIMITS = [64, 110, 256];
const ENOUGH = 90;

for (const openFiles of LIMITS) {
  t.test(`case 81: bursts of commands of every kind with ${openFiles} open files`, async (t) => {
    const daemon = await startDaemon({ config: proxiedConfig(), openFiles });
    t.teardown(() => daemon.stop());
    const pid = daemon.process.pid ?? 0;
    const client = await daemon.connect();
    let ids = 0;
    const run = (params: object): Promise<unknown> =>
      client.request(
        'command/exec',
        { command: ['sh', '-c', 'sleep 0.05; echo x'], cwd: daemon.work, timeoutMs: 60_000, ...params },
        { timeoutMs: 120_000 },
      );
    const streamed = (): object => ({ processId: `p${++ids}`, streamStdin: true, streamStdoutStderr: true });
    const kinds = {
      sandboxed: () => run({ sandboxPolicy: READ }),
      open: () => run({ sandboxPolicy: OPEN }),
      terminal: () => run({ sandboxPolicy: READ, tty: true, ...streamed() }),
      streamed: () => run({ sandboxPolicy: READ, ...streamed() }),
      lane: () => run({}),
    };
    const refusals: string[] = [];
    const burst = async (kind: keyof typeof kinds, count: number): Promise<number> => {
      const ends = await Promise.allSettled(Array.from({ length: count }, () => kinds[kind]()));
      for (const end of ends) if (end.status === 'rejected') refusals.push(String(end.reason));
      return ends.filter((end) => end.status === 'fulfilled').length;
    };
    const commands = Object.keys(kinds) as (keyof typeof kinds)[];
    for (const kind of commands) await burst(kind, 1);
    await elapse(300, 'pipes are made in advance');
    const before = open(pid);
    for (const kind of commands) {
      const ran = await burst(kind, 40);
      if (openFiles >= ENOUGH) t.ok(ran > 0, kind);
    }
    // Descriptors that a burst made in advance may still appear.
    let after = open(pid);
    // With little earlier activity, a file may be opened for the first time meanwhile.
    const compared = (['sockets', 'pipes', 'terminals', 'files'] as const).slice(0, openFiles >= ENOUGH ? 4 : 3);
    const same = (): boolean => compared.every((what) => after[what] <= before[what]);
    const back = until(() => ((after = open(pid)), same()), 'as many as before');
    await back.catch((error: Error) => t.fail(`${error.message}: ${JSON.stringify({ before, after })}`));
    for (const kind of commands) {
      const ran = await burst(kind, 1);
      if (openFiles >= ENOUGH) t.equal(ran, 1, `a later command: ${kind}`);
    }
    t.ok(await client.request('thread/loaded/list', {}));
    t.same(
      refusals.filter((text) => !/too many open files: \d+ of \d+ are in use, held by: .*clients 1/.test(text)),
      [],
    );
    if (openFiles <= 110) t.ok(refusals.length > 0, 'the control: the limit was met');
  });
}

t.test('case 84: a failure after the start of a process ends it and closes everything', async (t) => {
  const pool = createPipePool(() => {});
  t.teardown(() => pool.close());
  await pool.output();
  const file = path.join(t.testdir({ file: '', home: {} }), 'file');
  let taken = 0;
  /** The second pipe of each command leads to a file on our side; that file cannot be waited for. */
  const failing: PipePool = {
    ...pool,
    // A supervisor closes its pool, and there are several here.
    close: () => {},
    output: async (): Promise<PipeEnds | null> => {
      const pipe = await pool.output();
      if (pipe === null || ++taken % 2) return pipe;
      fs.closeSync(pipe.ours);
      return { ours: fs.openSync(file, 'r'), theirs: pipe.theirs };
    },
  };
  const sandbox = createSandbox({ codexHome: path.join(path.dirname(file), 'home'), log: silentLogger });
  // With this variable no sandbox is made in advance, which would take pipes at any time.
  const env = { PATH: '/usr/bin:/bin', 'NO.SHELL': '' };
  for (const [way, permissions] of WAYS) {
    const { supervisor, registered } = testSupervisor({ pipes: failing, sandbox });
    const start = (): Promise<unknown> => supervisor.start(script('sleep 3084.5', { permissions, env }));
    await t.rejects(start(), { name: 'SpawnError' }, way);
    await elapse(200, 'what the failed starts opened is closed');
    const before = open(process.pid);
    for (let n = 0; n < 5; n++) await t.rejects(start(), { name: 'SpawnError' });
    await elapse(200, 'what the failed starts opened is closed');
    t.same(open(process.pid), before);
    t.same(running('3084.5'), []);
    t.same(
      registered.map(({ finished }) => finished),
      Array.from({ length: 6 }, () => [{ treeGone: true }]),
    );
    await supervisor.close();
  }
});

function running(word: string): string[] {
  return fs.readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(word);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}
