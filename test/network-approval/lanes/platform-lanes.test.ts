import t from 'tap';
import type { LanePool } from '../../../server/network-approval/lanes/lanes.js';
import { createPlatformLanes, eitherOf, onDemand } from '../../../server/network-approval/lanes/platform-lanes.js';
import { silentLogger } from '../../../server/log/log.js';
import { onWindows } from '../../fixtures/windows.js';

const status = async () => ({ available: false, reason: 'not here', fix: 'none' }) as const;

t.test('without a set-up Windows has no lanes', onWindows, async (t) => {
  const pool = createPlatformLanes({ status, codexHome: t.testdir(), log: silentLogger });
  t.teardown(() => pool.close());
  pool.warm();
  await t.rejects(pool.acquire({ owner: 'test' }), { code: 'network.lane', message: /not set up/ });
});

t.test('Linux has namespaces, at once', { skip: process.platform !== 'linux' }, async (t) => {
  const pool = createPlatformLanes({ status, codexHome: undefined, log: silentLogger });
  t.teardown(() => pool.close());
  t.strictSame(pool.counts(), { idle: 0, inUse: 0, made: 0, slots: 0 });
  await t.rejects(pool.acquire({ owner: 'test' }), { code: 'network.lane' });
});

t.test('a pool that is loaded for the first command', async (t) => {
  const log: string[] = [];
  const inner: LanePool = {
    acquire: async () => {
      log.push('acquire');
      throw new Error('the inner one’s');
    },
    warm: () => void log.push('warm'),
    counts: () => ({ idle: 1, inUse: 2, made: 3, slots: 4 }),
    close: async () => void log.push('close'),
  };
  const pool = onDemand(async () => {
    log.push('load');
    return inner;
  });
  pool.warm();
  t.match(pool.counts(), { idle: 0, inUse: 0, made: 0, slots: 0 });
  await t.rejects(pool.acquire({ owner: 'a' }), { message: 'the inner one’s' });
  await t.rejects(pool.acquire({ owner: 'a' }), { message: 'the inner one’s' });
  pool.warm();
  t.match(pool.counts(), { idle: 1, inUse: 2, made: 3, slots: 4 });
  await pool.close();
  await t.rejects(pool.acquire({ owner: 'a' }), { code: 'network.lane' });
  t.strictSame(log, ['load', 'acquire', 'acquire', 'warm', 'close']);
  const broken = onDemand(() => Promise.reject(new Error('cannot be loaded')));
  await t.rejects(broken.acquire({ owner: 'a' }), { message: 'cannot be loaded' });
  await broken.close();
});

t.test('of two pools, each request goes to the one of its kind', async (t) => {
  const log: string[] = [];
  const named = (name: string): LanePool => ({
    acquire: () => Promise.reject(new Error(name)),
    warm: () => void log.push(`warm ${name}`),
    counts: () => ({ idle: 1, inUse: 2, made: 3, slots: 4 }),
    close: async () => void log.push(`close ${name}`),
  });
  const pool = eitherOf(named('proxies'), named('transparent'));
  pool.warm();
  pool.warm({ transparent: false });
  pool.warm({ transparent: true });
  await t.rejects(pool.acquire({ owner: 'a' }), { message: 'proxies' });
  await t.rejects(pool.acquire({ owner: 'a', transparent: true }), { message: 'transparent' });
  t.strictSame(pool.counts(), { idle: 2, inUse: 4, made: 6, slots: 8 });
  await pool.close();
  t.strictSame(log, ['warm proxies', 'warm proxies', 'warm transparent', 'close proxies', 'close transparent']);
});
