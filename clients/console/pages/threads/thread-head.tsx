import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { attempt, say } from '../../state/notices.js';
import type { OpenThread } from '../../state/open-thread.js';
import { addressOf } from '../../state/route.js';
import { statusOf, titleOf } from '../../state/threads.js';
import { baseName, count } from '../../text/format.js';

/** What a thread is and may do, and the actions on the whole of it. */
export function ThreadHead({ opened }: { readonly opened: OpenThread }): JSX.Element | null {
  const thread = opened.thread.value;
  const settings = opened.settings.value;
  const { usage, sequence } = opened.timeline.value;
  if (thread === null) return null;
  const { tone, text } = statusOf(thread);
  const model = settings?.model ?? thread.model;
  const profile = settings?.activePermissionProfile?.id ?? settings?.sandbox.type;
  return (
    <header class="thread-head">
      <div>
        <a class="back" href={addressOf('threads')}>
          ← Threads
        </a>
        <h2>
          <Exact text={titleOf(thread)} /> <Badge tone={tone}>{text}</Badge>
        </h2>
        <p class="faint thread-facts">
          <span title={thread.cwd}>
            <Exact text={baseName(thread.cwd)} />
          </span>
          {model && <span>{model}</span>}
          {profile && <span>{profile}</span>}
          {settings !== null && (
            <span>asks: {typeof settings.approvalPolicy === 'string' ? settings.approvalPolicy : 'granular'}</span>
          )}
          {usage !== null && <span>{count(usage.total.totalTokens)} tokens</span>}
          {sequence !== null && <span title="The number of the last notification">№ {sequence}</span>}
        </p>
      </div>
      <div class="page-tools">
        <button type="button" onClick={() => void fork(opened)}>
          Fork
        </button>
        {opened.archived.value ? (
          <button type="button" onClick={() => void attempt('The thread is still archived', opened.unarchive)}>
            Unarchive
          </button>
        ) : (
          <button type="button" onClick={() => void attempt('The thread was not archived', opened.archive)}>
            Archive
          </button>
        )}
      </div>
    </header>
  );
}

async function fork(opened: OpenThread): Promise<void> {
  const id = await attempt('The thread was not forked', opened.fork);
  if (id === undefined) return;
  say('good', 'Forked.');
  location.hash = addressOf('threads', id);
}
