/** The decisions of the network policy: the last ones, then each as it is made. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';

export type Decision = RequestResult<'network/decisions/list'>['data'][number];

export interface Decisions {
  /** Oldest first. */
  readonly all: ReadonlySignal<readonly Decision[]>;
  /** Decisions that the server no longer had when this page asked. */
  readonly lost: ReadonlySignal<number>;
  /** The new connection, or a list with a gap: reads what is missing. */
  refresh(): Promise<void>;
}

/** As many as the server keeps. */
const KEPT = 5000;
/** Of one request, and of the first one. */
const PAGE = 1000;

export function createDecisions(server: Server): Decisions {
  const all = signal<readonly Decision[]>([]);
  const lost = signal(0);
  /** Where the next list continues. Null: nothing was listed yet. */
  let cursor: string | null = null;
  let reading: Promise<void> | null = null;

  const add = (more: readonly Decision[]): void => {
    const last = all.value.at(-1)?.sequence ?? 0;
    const fresh = more.filter(({ sequence }) => sequence > last);
    if (fresh.length > 0) all.value = [...all.value, ...fresh].slice(-KEPT);
  };

  const read = async (): Promise<void> => {
    if (cursor === null) {
      const page = await server.request('network/decisions/list', { limit: PAGE, sortDirection: 'desc' });
      cursor = page.latestCursor;
      add(page.data.toReversed());
      return;
    }
    for (;;) {
      const page: RequestResult<'network/decisions/list'> = await server.request('network/decisions/list', {
        cursor,
        limit: PAGE,
        sortDirection: 'asc',
      });
      cursor = page.latestCursor;
      if (page.restarted) all.value = [];
      lost.value += page.dropped;
      add(page.data);
      if (page.nextCursor === null || page.data.length === 0) return;
    }
  };
  const refresh = (): Promise<void> => (reading ??= read().finally(() => (reading = null)));

  server.onNotification('operator/network/decided', ({ data, dropped }) => {
    const last = all.value.at(-1)?.sequence ?? 0;
    const gap = dropped > 0 || (data[0] !== undefined && data[0].sequence > last + 1);
    // The list has all of them in order; a number that was skipped would stay missing.
    if (gap || reading !== null) void refresh().catch(() => {});
    else add(data);
  });

  return { all, lost, refresh };
}
