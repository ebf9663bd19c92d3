import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { OutputLine } from '../../parts/output-lines.js';
import type { Item } from '../../state/timeline.js';
import { createAnsiLines } from '../../text/ansi-lines.js';
import { duration } from '../../text/format.js';

type Command = Extract<Item, { type: 'commandExecution' }>;

/** The last lines are shown; the page of the commands has all of them. */
const SHOWN_LINES = 200;

/** A command of a turn with the end of its output. */
export function CommandItem({ item }: { readonly item: Command }): JSX.Element {
  const { aggregatedOutput: output, exitCode, networkDenial, durationMs, status } = item;
  const lines = useMemo(() => {
    const text = createAnsiLines();
    text.push(new TextEncoder().encode(output ?? ''), 'output');
    return text.lines;
  }, [output]);
  const hidden = Math.max(0, lines.length - SHOWN_LINES);
  return (
    <article class="item item-command" aria-label="Command">
      <p class="item-head">
        <span class="prompt" aria-hidden="true">
          $
        </span>
        <Exact text={item.command} />
        {status === 'inProgress' ? (
          <Badge tone="active">running</Badge>
        ) : status === 'declined' ? (
          <Badge tone="warn">declined</Badge>
        ) : (
          <Badge tone={exitCode === 0 ? 'good' : 'bad'}>exit {exitCode ?? '?'}</Badge>
        )}
        {durationMs !== null && <span class="faint">{duration(durationMs)}</span>}
      </p>
      {networkDenial && (
        <p class="reason">
          Ended because it asked for <Exact text={`${networkDenial.host}:${networkDenial.port}`} />
        </p>
      )}
      {lines.length > 0 && (
        <pre class="output" tabIndex={0} aria-label="Output">
          {hidden > 0 && <span class="faint">{`${hidden} earlier lines\n`}</span>}
          {lines.slice(hidden).map((line, index) => (
            <span key={index}>
              <OutputLine line={line} />
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </article>
  );
}
