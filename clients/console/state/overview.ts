/** The state of the daemon as a whole. It is read again while it is shown. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';

export type OverviewState = RequestResult<'operator/overview/read'>;
export type Connection = RequestResult<'operator/connections/list'>['data'][number];

export interface Overview {
  readonly state: ReadonlySignal<OverviewState | null>;
  readonly connections: ReadonlySignal<readonly Connection[]>;
  refresh(): Promise<void>;
}

export function createOverview(server: Server): Overview {
  const state = signal<OverviewState | null>(null);
  const connections = signal<readonly Connection[]>([]);
  const list = async (): Promise<void> => {
    connections.value = (await server.request('operator/connections/list', {})).data;
  };
  // A list that fails now is read with the next look at the page.
  server.onNotification('operator/connections/changed', () => void list().catch(() => {}));
  return {
    state,
    connections,
    refresh: async () => {
      state.value = await server.request('operator/overview/read', {});
      await list();
    },
  };
}
