import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { memo } from '../../parts/memo.js';
import { toneOf, type Entry } from '../../state/timeline.js';
import { duration } from '../../text/format.js';
import { ItemView } from './item-view.js';

/** What happened in a thread, oldest first. */
export const TimelineView = ({ entries }: { readonly entries: readonly Entry[] }): JSX.Element => (
  <ol class="timeline">
    {entries.map((entry) => (
      <EntryView key={entry.key} entry={entry} />
    ))}
  </ol>
);

/** Drawn again only when its entry is another object: a thread may have thousands. */
const EntryView = memo(function EntryView({ entry }: { readonly entry: Entry }): JSX.Element {
  switch (entry.kind) {
    case 'item':
      return (
        <li>
          <ItemView item={entry.item} done={entry.done} />
        </li>
      );
    case 'turn': {
      const { status, error, durationMs } = entry.turn;
      return (
        <li class="turn-end">
          <Badge tone={toneOf(status)}>turn {status}</Badge>
          {durationMs !== null && <span class="faint"> after {duration(durationMs)}</span>}
          {error !== null && (
            <p class="reason">
              <Exact text={error.message} />
            </p>
          )}
        </li>
      );
    }
    case 'plan':
      return (
        <li>
          <section class="item item-plan" aria-label="Plan">
            {entry.plan.explanation !== null && <p>{entry.plan.explanation}</p>}
            <ul>
              {entry.plan.plan.map(({ step, status }) => (
                <li key={step} class={`step step-${status}`}>
                  <span aria-hidden="true">{STEP_SIGNS[status]}</span> {step}
                  <span class="unseen"> ({status})</span>
                </li>
              ))}
            </ul>
          </section>
        </li>
      );
    case 'note':
      return (
        <li class={`note note-${entry.tone}`}>
          <Exact text={entry.text} />
        </li>
      );
    case 'gap':
      return (
        <li class="note note-warn">
          {entry.missing} notifications after number {entry.after} did not arrive.
        </li>
      );
  }
});

const STEP_SIGNS = { completed: '✓', inProgress: '●', pending: '○' } as const;
