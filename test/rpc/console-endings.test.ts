/** The signals that Node makes of events of Windows' consoles; test/windows/interrupts.test.ts has a real one. */
import t, { type Test } from 'tap';
import { silentLogger } from '../../server/log/log.js';
import { superviseEnd, type EndingsOptions } from '../../server/rpc/endings.js';
import { systemSignals } from '../../server/system/node/signals.js';

/** The steps of an end that have nothing to wait for are over then. */
const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function supervised(t: Test, options: Partial<EndingsOptions>) {
  const seen: unknown[] = [];
  let turnEnds = (): void => {};
  const turn = new Promise<void>((resolve) => (turnEnds = resolve));
  const endings = superviseEnd({
    transport: 'listener',
    busy: () => true,
    idle: () => turn,
    end: () => Promise.resolve(),
    drainLimitMs: () => 60_000,
    log: silentLogger,
    onEnding: (limitMs) => seen.push(limitMs),
    exit: (code) => seen.push(`exit ${code}`),
    reload: () => Promise.resolve(void seen.push('reload')),
    signals: systemSignals('win32'),
    ...options,
  });
  t.teardown(() => {
    endings.dispose();
    turnEnds();
  });
  return { endings, seen };
}

t.test('a closed console ends a listener at once: it reads nothing again and waits for no turn', async (t) => {
  const { endings, seen } = supervised(t, {});
  process.emit('SIGHUP', 'SIGHUP');
  await turnOfLoop();
  t.strictSame(seen, [null, 'exit 0']);
  t.ok(endings.draining());
});

t.test('Ctrl-Break is a signal as Ctrl-C is: it waits for turns, and the second does not', async (t) => {
  for (const second of ['SIGBREAK', 'SIGINT', 'SIGHUP'] as const) {
    const { endings, seen } = supervised(t, {});
    process.emit('SIGBREAK', 'SIGBREAK');
    await turnOfLoop();
    t.strictSame(seen, [60_000]);
    process.emit(second, second);
    await turnOfLoop();
    t.strictSame(seen, [60_000, null, 'exit 0'], second);
    endings.dispose();
  }
});

t.test('it ends a daemon on stdio', async (t) => {
  const { seen } = supervised(t, { transport: 'stdio' });
  process.emit('SIGBREAK', 'SIGBREAK');
  await turnOfLoop();
  t.strictSame(seen, [null, 'exit 0']);
});

t.test('elsewhere SIGHUP is what it was', async (t) => {
  const { seen } = supervised(t, { signals: systemSignals('linux') });
  process.emit('SIGHUP', 'SIGHUP');
  await turnOfLoop();
  t.strictSame(seen, ['reload']);
});
