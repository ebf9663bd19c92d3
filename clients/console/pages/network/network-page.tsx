import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { Empty, PageHead } from '../../parts/page-head.js';
import { VirtualList } from '../../parts/virtual-list.js';
import { useConsole } from '../../state/console.js';
import { because, matching, NO_FILTER, verdicts, type DecisionFilter } from '../../state/decision-filter.js';
import type { Decision } from '../../state/decisions.js';
import { clock, count } from '../../text/format.js';
import { DecisionDetail } from './decision-detail.js';
import { PolicyTest } from './policy-test.js';
import { WaitingHosts } from './waiting-hosts.js';

/** Every decision of the network policy as it is made; a click explains one. */
export function NetworkPage(): JSX.Element {
  const { decisions } = useConsole();
  const filter = useSignal<DecisionFilter>(NO_FILTER);
  const chosen = useSignal<number | null>(null);
  const shown = useComputed(() => matching(decisions.all.value, filter.value).toReversed());
  const { allowed, denied } = verdicts(decisions.all.value);
  const rows = shown.value;
  const open = rows.find(({ sequence }) => sequence === chosen.value);
  return (
    <>
      <PageHead
        title="Network"
        about={`${count(allowed)} allowed, ${count(denied)} denied.${
          decisions.lost.value > 0 ? ` ${count(decisions.lost.value)} older ones are no longer kept.` : ''
        }`}
      />
      <WaitingHosts />
      <Filters filter={filter.value} onFilter={(next) => (filter.value = next)} />
      <div class={open ? 'split split-open' : 'split'}>
        <div class="decisions">
          <div class="decision decision-head" aria-hidden="true">
            <span>Time</span>
            <span>Verdict</span>
            <span>Host</span>
            <span class="wide">Command</span>
            <span class="wide">Because</span>
          </div>
          {rows.length === 0 ? (
            <Empty>
              {decisions.all.value.length === 0
                ? 'No command has asked for a host yet.'
                : 'No decision matches the filter.'}
            </Empty>
          ) : (
            <VirtualList
              class="fill"
              label="Decisions of the network policy, newest first"
              count={rows.length}
              rowHeight={32}
              row={(index) => {
                const decision = rows[index];
                return (
                  decision && (
                    <Row
                      decision={decision}
                      open={decision.sequence === chosen.value}
                      onOpen={() => (chosen.value = decision.sequence)}
                    />
                  )
                );
              }}
            />
          )}
        </div>
        {open && <DecisionDetail key={open.sequence} decision={open} onClose={() => (chosen.value = null)} />}
      </div>
      <PolicyTest />
    </>
  );
}

interface RowProps {
  readonly decision: Decision;
  readonly open: boolean;
  readonly onOpen: () => void;
}

const Row = ({ decision, open, onOpen }: RowProps): JSX.Element => (
  <button type="button" class="decision" aria-pressed={open} onClick={onOpen}>
    <time>{clock(decision.decidedAtMs)}</time>
    <span>
      <Badge tone={decision.verdict === 'allow' ? 'good' : 'bad'}>{decision.verdict}</Badge>
    </span>
    <span class="cut">
      <Exact text={`${decision.host}:${decision.port}`} />
    </span>
    <span class="cut wide">
      <Exact text={decision.mcpServer ?? decision.program ?? ''} />
    </span>
    <span class="cut wide faint">
      <Exact text={because(decision)} />
    </span>
  </button>
);

interface FiltersProps {
  readonly filter: DecisionFilter;
  readonly onFilter: (filter: DecisionFilter) => void;
}

const VERDICTS = [
  ['all', 'All'],
  ['allow', 'Allowed'],
  ['deny', 'Denied'],
] as const;

const Filters = ({ filter, onFilter }: FiltersProps): JSX.Element => (
  <form class="filters" role="search" aria-label="Filter decisions" onSubmit={(event) => event.preventDefault()}>
    <div class="segments" role="group" aria-label="Verdict">
      {VERDICTS.map(([verdict, label]) => (
        <button
          key={verdict}
          type="button"
          aria-pressed={filter.verdict === verdict}
          onClick={() => onFilter({ ...filter, verdict })}
        >
          {label}
        </button>
      ))}
    </div>
    <input
      type="search"
      aria-label="Host contains"
      placeholder="Host"
      value={filter.host}
      onInput={({ currentTarget }) => onFilter({ ...filter, host: currentTarget.value })}
    />
    <input
      type="search"
      aria-label="Command contains"
      placeholder="Command, thread, MCP server"
      value={filter.command}
      onInput={({ currentTarget }) => onFilter({ ...filter, command: currentTarget.value })}
    />
  </form>
);
