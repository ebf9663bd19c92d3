/** Security bar, cases 144 and 145: lanes are shared among owners, and the wait for one counts as a command's time. */
import t from 'tap';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';

t.setTimeout(240_000);

/** A small limit, so that there are seven lanes (poolSize in server/network-approval/lanes/lanes.ts). */
const daemon = await startDaemon({ config: proxiedConfig(), openFiles: 256 });
t.teardown(() => daemon.stop());

t.test(
  'one client’s commands have half of the lanes; another client’s command runs, and a further one of the first ends in time',
  async (t) => {
    const [greedy, other] = [await daemon.connect(), await daemon.connect()];
    const endings = Array.from({ length: 10 }, (_, i) =>
      greedy.request(
        'command/exec',
        { command: ['sleep', '300'], processId: `held-${i}`, disableTimeout: true },
        { timeoutMs: 200_000 },
      ),
    );
    for (const ending of endings) ending.catch(() => {}); // they end with their connection
    const late = await greedy.request('command/exec', { command: ['true'], timeoutMs: 1500 }, { timeoutMs: 60_000 });
    t.match(late, { exitCode: 124, stdout: '', stderr: /no network lane became free in time/ }, 'case 144');
    const { exitCode } = await other.request(
      'command/exec',
      { command: ['true'], timeoutMs: 60_000 },
      { timeoutMs: 90_000 },
    );
    t.equal(exitCode, 0, 'case 145');
    await greedy.close();
  },
);
