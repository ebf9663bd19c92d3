/** The list of threads, kept up to date by what the daemon tells every client. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';

export type Thread = RequestResult<'thread/list'>['data'][number];

export interface ThreadFilter {
  readonly search: string;
  readonly archived: boolean;
}

export interface Threads {
  readonly list: ReadonlySignal<readonly Thread[]>;
  readonly more: ReadonlySignal<boolean>;
  readonly filter: ReadonlySignal<ThreadFilter>;
  setFilter(filter: ThreadFilter): Promise<void>;
  loadMore(): Promise<void>;
  refresh(): Promise<void>;
}

const PAGE = 50;

export function createThreads(server: Server): Threads {
  const list = signal<readonly Thread[]>([]);
  const more = signal(false);
  const filter = signal<ThreadFilter>({ search: '', archived: false });
  let cursor: string | null = null;
  /** A slow answer to an earlier filter is not shown. */
  let current = 0;

  const read = async (from: string | null): Promise<void> => {
    const own = ++current;
    const { search, archived } = filter.value;
    const page = await server.request('thread/list', {
      cursor: from,
      limit: PAGE,
      archived,
      sortKey: 'updated_at',
      searchTerm: search.trim() === '' ? null : search.trim(),
    });
    if (own !== current) return;
    cursor = page.nextCursor;
    more.value = cursor !== null;
    list.value = from === null ? page.data : [...list.value, ...page.data];
  };

  const change = (threadId: string, how: (thread: Thread) => Thread): void => {
    list.value = list.value.map((thread) => (thread.id === threadId ? how(thread) : thread));
  };
  const remove = ({ threadId }: { readonly threadId: string }): void => {
    list.value = list.value.filter(({ id }) => id !== threadId);
  };
  server.onNotification('thread/started', ({ thread }) => {
    if (filter.value.archived || filter.value.search.trim() !== '') return;
    list.value = [thread, ...list.value.filter(({ id }) => id !== thread.id)];
  });
  server.onNotification('thread/status/changed', ({ threadId, status }) =>
    change(threadId, (thread) => ({ ...thread, status })),
  );
  server.onNotification('thread/name/updated', ({ threadId, threadName }) =>
    change(threadId, (thread) => ({ ...thread, name: threadName ?? null })),
  );
  // The first words of a new thread, which has no name yet.
  server.onNotification('item/completed', ({ threadId, item }) => {
    const [first] = item.type === 'userMessage' ? item.content : [];
    if (first?.type === 'text')
      change(threadId, (thread) => (thread.preview === '' ? { ...thread, preview: first.text } : thread));
  });
  server.onNotification('thread/archived', (params) => {
    if (!filter.value.archived) remove(params);
  });
  server.onNotification('thread/unarchived', (params) => {
    if (filter.value.archived) remove(params);
  });
  server.onNotification('thread/deleted', remove);
  return {
    list,
    more,
    filter,
    setFilter: (next) => {
      filter.value = next;
      return read(null);
    },
    loadMore: () => read(cursor),
    refresh: () => read(null),
  };
}

/** What a thread is called: its name, or its first words. */
export const titleOf = ({ name, preview, id }: Pick<Thread, 'name' | 'preview' | 'id'>): string =>
  [name, preview].find((text) => text !== null && text.trim() !== '') ?? `Thread ${id.slice(-8)}`;

/** The state of a thread in a word, with what it waits for. */
export function statusOf({ status }: Pick<Thread, 'status'>): {
  readonly tone: 'good' | 'bad' | 'warn' | 'plain' | 'active';
  readonly text: string;
} {
  switch (status.type) {
    case 'active':
      return status.activeFlags.length > 0
        ? { tone: 'warn', text: status.activeFlags.includes('waitingOnApproval') ? 'needs approval' : 'needs input' }
        : { tone: 'active', text: 'running' };
    case 'idle':
      return { tone: 'good', text: 'idle' };
    case 'systemError':
      return { tone: 'bad', text: 'error' };
    case 'notLoaded':
      return { tone: 'plain', text: 'stored' };
  }
}
