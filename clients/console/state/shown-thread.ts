/** The thread that the page shows: at most one is open, and the latest wish counts. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ClientParams } from '../../../schema/registry.js';
import { followStarted, openThread, type OpenThread } from './open-thread.js';
import type { Server } from '../connection/server.js';

export interface ShownThread {
  readonly opened: ReadonlySignal<OpenThread | null>;
  /** Null: none. */
  show(id: string | null): Promise<void>;
  /** Starts a thread and shows it. Its id. */
  start(params: ClientParams<'thread/start'>): Promise<string>;
  reconnected(): Promise<void>;
}

export function createShownThread(server: Server): ShownThread {
  const opened = signal<OpenThread | null>(null);
  let wish = 0;
  return {
    opened,
    show: async (id) => {
      if (opened.value?.id === id) return;
      const own = ++wish;
      opened.value?.close();
      opened.value = null;
      if (id === null) return;
      const thread = await openThread(server, id);
      if (own === wish) opened.value = thread;
      else thread.close();
    },
    start: async (params) => {
      const started = await server.request('thread/start', params);
      wish++;
      opened.value?.close();
      opened.value = followStarted(server, started);
      return started.thread.id;
    },
    reconnected: async () => opened.value?.reconnected(),
  };
}
