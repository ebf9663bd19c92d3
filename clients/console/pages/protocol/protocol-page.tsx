import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Exact } from '../../parts/exact.js';
import { Empty, PageHead } from '../../parts/page-head.js';
import { VirtualList } from '../../parts/virtual-list.js';
import { useConsole } from '../../state/console.js';
import { found, type LoggedMessage } from '../../state/protocol-log.js';
import { RequestForm } from './request-form.js';
import { bytes, clock } from '../../text/format.js';

/** Every message of this page's own connection. */
export function ProtocolPage(): JSX.Element {
  const { log } = useConsole();
  const filter = useSignal('');
  const asking = useSignal(false);
  const chosen = useSignal<number | null>(null);
  const shown = found(log.messages.value, filter.value);
  const open = shown.find(({ number }) => number === chosen.value);
  return (
    <>
      <PageHead title="Protocol log" about="The messages between this page and the daemon, as they were on the wire.">
        <button type="button" aria-expanded={asking.value} onClick={() => (asking.value = !asking.value)}>
          Request …
        </button>
        <button type="button" onClick={log.clear}>
          Clear
        </button>
        <CopyButton label="Copy all" text={shown.map(({ text }) => text).join('\n')} />
      </PageHead>
      {asking.value && <RequestForm />}
      <form class="filters" role="search" aria-label="Filter messages" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Message contains"
          placeholder="Words; > sent, < received"
          value={filter.value}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
      </form>
      <div class={open ? 'split split-open' : 'split'}>
        <div class="decisions">
          {shown.length === 0 ? (
            <Empty>No message matches the filter.</Empty>
          ) : (
            <VirtualList
              class="fill"
              label="Messages, oldest first"
              follow={open === undefined}
              count={shown.length}
              rowHeight={30}
              row={(index) => {
                const message = shown[index];
                return (
                  message && (
                    <Row
                      message={message}
                      open={message.number === chosen.value}
                      onOpen={() => (chosen.value = message.number)}
                    />
                  )
                );
              }}
            />
          )}
        </div>
        {open && <Detail message={open} onClose={() => (chosen.value = null)} />}
      </div>
    </>
  );
}

interface RowProps {
  readonly message: LoggedMessage;
  readonly open: boolean;
  readonly onOpen: () => void;
}

const Row = ({ message, open, onOpen }: RowProps): JSX.Element => (
  <button type="button" class="decision message" aria-pressed={open} onClick={onOpen}>
    <time>{clock(message.atMs)}</time>
    <span class="faint">{message.direction === 'sent' ? '→ sent' : '← received'}</span>
    <Badge tone={message.kind === 'error' ? 'bad' : message.kind === 'request' ? 'active' : 'plain'}>
      {message.kind}
    </Badge>
    <span class="cut">
      <Exact text={message.method} />
    </span>
    <span class="faint number wide">{bytes(message.text.length)}</span>
  </button>
);

const Detail = ({
  message,
  onClose,
}: {
  readonly message: LoggedMessage;
  readonly onClose: () => void;
}): JSX.Element => (
  <aside class="detail" aria-label="The chosen message">
    <header>
      <h2>
        <Exact text={message.method} />
      </h2>
      <div class="page-tools">
        <CopyButton text={message.text} />
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
    </header>
    <Exact block text={JSON.stringify(JSON.parse(message.text), null, 2)} />
  </aside>
);
