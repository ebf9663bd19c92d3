/** The lanes of this platform: namespaces on Linux, loopback ports elsewhere. The only place that chooses. */
import { laneError } from '../../errors/network-errors.js';
import type { Logger } from '../../log/log.js';
import { HAS_JOBS } from '../../system/programs/process-jobs.js';
import { createLanePool, type LaneCounts, type LanePool, type LanePoolOptions } from './lanes.js';

export interface PlatformLanesOptions extends LanePoolOptions {
  /** Where the set-up of Windows' sandbox is. Undefined: there is none. */
  readonly codexHome: string | undefined;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}

/** `size` and `tools` are for namespaces. */
export function createPlatformLanes(options: PlatformLanesOptions): LanePool {
  if (HAS_JOBS) return withoutTransparent(onDemand(() => sharedPorts(options)));
  if (process.platform === 'darwin') return withoutTransparent(onDemand(() => ownPorts(options)));
  return eitherOf(createLanePool(options), createLanePool({ ...options, kind: 'transparent' }));
}

/** One pool of two: lanes for `transparent_tcp` come from the second. */
export function eitherOf(proxies: LanePool, transparent: LanePool): LanePool {
  return {
    acquire: (request) => (request.transparent === true ? transparent : proxies).acquire(request),
    warm: (request) => (request?.transparent === true ? transparent : proxies).warm(),
    prepareWith(preparer) {
      for (const pool of [proxies, transparent]) pool.prepareWith?.(preparer);
    },
    counts() {
      const [a, b] = [proxies.counts(), transparent.counts()];
      return { idle: a.idle + b.idle, inUse: a.inUse + b.inUse, made: a.made + b.made, slots: a.slots + b.slots };
    },
    close: async () => void (await Promise.all([proxies.close(), transparent.close()])),
  };
}

/** Fail closed: where lanes are ports, programs that know no proxy cannot be brought to them. */
const withoutTransparent = (pool: LanePool): LanePool => ({
  ...pool,
  acquire: (request) =>
    request.transparent === true
      ? Promise.reject(
          laneError(
            `\`transparent_tcp\` needs network namespaces, which ${process.platform} has not`,
            WITHOUT_TRANSPARENT,
          ),
        )
      : pool.acquire(request),
});
const WITHOUT_TRANSPARENT = 'Remove `transparent_tcp = true` from the profile, and tell programs to use the proxy';

async function sharedPorts({ codexHome, log }: PlatformLanesOptions): Promise<LanePool> {
  const [{ createSharedPortLanes }, { setUpPorts }, { connectionOwners }] = await Promise.all([
    import('./shared-ports.js'),
    import('./set-up-ports.js'),
    import('../../system/programs/connection-owner.js'),
  ]);
  return createSharedPortLanes({ log, ports: () => setUpPorts(codexHome), owners: connectionOwners });
}

async function ownPorts({ log }: PlatformLanesOptions): Promise<LanePool> {
  const [{ createOwnPortLanes }, { connectionOwners }] = await Promise.all([
    import('./own-ports.js'),
    import('../../system/programs/connection-owner.js'),
  ]);
  return createOwnPortLanes({ log, ownerOf: await connectionOwners() });
}

const NOTHING: LaneCounts = { idle: 0, inUse: 0, made: 0, slots: 0, refused: 0 };

/** A pool whose module is loaded for the first command. */
export function onDemand(load: () => Promise<LanePool>): LanePool {
  let loading: Promise<LanePool> | undefined;
  let pool: LanePool | undefined;
  let closed = false;
  return {
    async acquire(request) {
      if (closed) throw laneError('the daemon is shutting down', 'Start it again');
      pool = await (loading ??= load());
      return pool.acquire(request);
    },
    warm: () => pool?.warm(),
    counts: () => pool?.counts() ?? NOTHING,
    async close() {
      closed = true;
      // What could not be loaded has nothing to close.
      const loaded = await loading?.catch(() => undefined);
      await loaded?.close();
    },
  };
}
