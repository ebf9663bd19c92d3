import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Diff } from '../../parts/diff.js';
import { Exact } from '../../parts/exact.js';
import { Markdown } from '../../parts/markdown.js';
import { toneOf, wordsOf, type Item } from '../../state/timeline.js';
import { duration } from '../../text/format.js';
import { CommandItem } from './command-item.js';

/** One item of a turn. An item that has no form of its own is shown as it came. */
export function ItemView({ item, done }: { readonly item: Item; readonly done: boolean }): JSX.Element {
  switch (item.type) {
    case 'userMessage':
      return (
        <article class="item item-user" aria-label="Person">
          {item.content.map((input, index) =>
            input.type === 'text' ? (
              <p key={index} class="as-written" dir="auto">
                {input.text}
              </p>
            ) : (
              <p key={index} class="faint">
                {input.type} <Exact text={nameOf(input)} />
              </p>
            ),
          )}
        </article>
      );
    case 'agentMessage':
      return (
        <article class="item" aria-label="Model" aria-busy={!done}>
          <Markdown text={item.text} />
        </article>
      );
    case 'plan':
      return (
        <article class="item item-plan" aria-label="Plan">
          <Markdown text={item.text} />
        </article>
      );
    case 'reasoning': {
      const text = [...item.summary, ...item.content].filter(Boolean).join('\n\n');
      return (
        <details class="item item-reasoning" open={!done}>
          <summary>Reasoning{!done && ' …'}</summary>
          {text === '' ? <p class="faint">The model shows none.</p> : <Markdown text={text} />}
        </details>
      );
    }
    case 'commandExecution':
      return <CommandItem item={item} />;
    case 'fileChange':
      return (
        <article class="item" aria-label="Change of files">
          <p class="item-head">
            {item.changes.length === 1 ? 'Changes a file' : `Changes ${item.changes.length} files`}{' '}
            <Badge tone={toneOf(item.status)}>{wordsOf(item.status)}</Badge>
          </p>
          {item.changes.map((change) => (
            <Diff key={change.path} change={change} />
          ))}
        </article>
      );
    case 'mcpToolCall':
      return <ToolCall item={item} />;
    case 'webSearch':
      return (
        <p class="item faint">
          Searched the web for <Exact text={item.query} />
        </p>
      );
    case 'contextCompaction':
      return <p class="item faint">The context was made shorter here.</p>;
    default:
      return (
        <article class="item" aria-label={item.type}>
          <Raw label={item.type} value={item} />
        </article>
      );
  }
}

const ToolCall = ({ item }: { readonly item: Extract<Item, { type: 'mcpToolCall' }> }): JSX.Element => (
  <article class="item" aria-label="Call of a tool">
    <p class="item-head">
      <Exact text={`${item.server} · ${item.tool}`} /> <Badge tone={toneOf(item.status)}>{wordsOf(item.status)}</Badge>
      {item.durationMs !== null && <span class="faint"> {duration(item.durationMs)}</span>}
    </p>
    {item.networkDenial && (
      <p class="reason">
        Denied: <Exact text={`${item.networkDenial.host}:${item.networkDenial.port}`} />
      </p>
    )}
    <Raw label="Arguments" value={item.arguments} />
    {item.error !== null && (
      <p class="reason">
        <Exact text={item.error.message} />
      </p>
    )}
    {item.result !== null && <Raw label="Result" value={item.result.content} />}
  </article>
);

const nameOf = (input: object): string =>
  'path' in input && typeof input.path === 'string'
    ? input.path
    : 'url' in input && typeof input.url === 'string'
      ? input.url.slice(0, 80)
      : '';

const Raw = ({ label, value }: { readonly label: string; readonly value: unknown }): JSX.Element => (
  <details class="raw">
    <summary>{label}</summary>
    <Exact block text={JSON.stringify(value, null, 2)} />
  </details>
);
