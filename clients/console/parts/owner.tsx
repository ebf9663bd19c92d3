import type { JSX } from 'preact';
import { addressOf } from '../state/route.js';
import type { Prompt } from '../state/questions/prompt.js';
import { Exact } from './exact.js';

/** Whose a command or a question is. */
export function Owner({ owner }: { readonly owner: Prompt['owner'] }): JSX.Element {
  if (owner.kind === 'connection') {
    const name = owner.clientName ?? 'a client that is gone';
    return (
      <span>
        <Exact text={name} /> <span class="faint">connection {owner.connectionId}</span>
      </span>
    );
  }
  return (
    <span>
      <a href={addressOf('threads', owner.threadId)}>thread {owner.threadId.slice(-8)}</a>
      {owner.mcpServer !== null && (
        <>
          {' '}
          <span class="faint">MCP server</span> <Exact text={owner.mcpServer} />
        </>
      )}
    </span>
  );
}
