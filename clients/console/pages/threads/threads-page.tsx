import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { Empty, PageHead } from '../../parts/page-head.js';
import { useConsole } from '../../state/console.js';
import { attempt } from '../../state/notices.js';
import { addressOf, route } from '../../state/route.js';
import { statusOf, titleOf, type Thread, type ThreadFilter } from '../../state/threads.js';
import { baseName, clock } from '../../text/format.js';
import { NewThread } from './new-thread.js';
import { ThreadView } from './thread-view.js';

/** The threads of the daemon, and the open one beside them. */
export function ThreadsPage(): JSX.Element {
  const { threads, thread } = useConsole();
  const { id } = route.value;
  const starting = useSignal(false);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    failure.value = null;
    thread.show(id).catch((error: Error) => (failure.value = error.message));
  }, [id]);
  const opened = thread.opened.value;
  return (
    <div class={id === null ? 'threads' : 'threads threads-open'}>
      <div class="thread-list">
        <PageHead title="Threads">
          <button type="button" aria-expanded={starting.value} onClick={() => (starting.value = !starting.value)}>
            New
          </button>
        </PageHead>
        {starting.value && <NewThread onStarted={() => (starting.value = false)} />}
        <Filter
          filter={threads.filter.value}
          onFilter={(next) => void attempt('The threads cannot be listed', () => threads.setFilter(next))}
        />
        <ul>
          {threads.list.value.map((entry) => (
            <Row key={entry.id} thread={entry} open={entry.id === id} />
          ))}
        </ul>
        {threads.list.value.length === 0 && <Empty>No thread here.</Empty>}
        {threads.more.value && (
          <button type="button" onClick={() => void attempt('No more threads came', threads.loadMore)}>
            More
          </button>
        )}
      </div>
      {opened !== null && opened.id === id ? (
        <ThreadView key={opened.id} opened={opened} />
      ) : (
        <Empty>
          {id === null ? 'Choose a thread, or start a new one.' : (failure.value ?? 'Opening the thread …')}
        </Empty>
      )}
    </div>
  );
}

const Row = ({ thread, open }: { readonly thread: Thread; readonly open: boolean }): JSX.Element => {
  const { tone, text } = statusOf(thread);
  return (
    <li>
      <a href={addressOf('threads', thread.id)} class="thread-row" aria-current={open ? 'true' : undefined}>
        <span class="thread-title cut">
          <Exact text={titleOf(thread)} />
        </span>
        <Badge tone={tone}>{text}</Badge>
        <span class="faint cut" title={thread.cwd}>
          <Exact text={baseName(thread.cwd)} /> {thread.model ?? thread.modelProvider}
        </span>
        <time>{clock(thread.updatedAt * 1000)}</time>
      </a>
    </li>
  );
};

interface FilterProps {
  readonly filter: ThreadFilter;
  readonly onFilter: (filter: ThreadFilter) => void;
}

const Filter = ({ filter, onFilter }: FilterProps): JSX.Element => (
  <form class="filters" role="search" aria-label="Filter threads" onSubmit={(event) => event.preventDefault()}>
    <input
      type="search"
      aria-label="Search threads"
      placeholder="Search"
      value={filter.search}
      onInput={({ currentTarget }) => onFilter({ ...filter, search: currentTarget.value })}
    />
    <label class="option">
      <input
        type="checkbox"
        checked={filter.archived}
        onChange={({ currentTarget }) => onFilter({ ...filter, archived: currentTarget.checked })}
      />{' '}
      archived
    </label>
  </form>
);
