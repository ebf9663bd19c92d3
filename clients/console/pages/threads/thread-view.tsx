import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import type { OpenThread } from '../../state/open-thread.js';
import { QuestionCard } from '../approvals/question-card.js';
import { Composer } from './composer.js';
import { ThreadHead } from './thread-head.js';
import { TimelineView } from './timeline-view.js';

/** A thread that is open: head, timeline, its open questions, and the field for messages. */
export function ThreadView({ opened }: { readonly opened: OpenThread }): JSX.Element {
  const { questions } = useConsole();
  const timeline = opened.timeline.value;
  const own = questions.open.value.filter(({ owner }) => owner.kind === 'thread' && owner.threadId === opened.id);
  const scroller = useFollow(timeline, own.length);
  return (
    <section class="thread" aria-label="Thread">
      <ThreadHead opened={opened} />
      <div class="thread-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Timeline">
        <TimelineView entries={timeline.entries} />
        {timeline.turnDiff !== null && timeline.turnDiff !== '' && (
          <details class="item">
            <summary>All changes of this turn</summary>
            <Exact block text={timeline.turnDiff} />
          </details>
        )}
        {own.map((question) => (
          <QuestionCard key={question.promptId} question={question} />
        ))}
      </div>
      <Composer opened={opened} />
    </section>
  );
}

/** So close to the end, in pixels, a person reads the newest. */
const NEAR_END = 60;

/** Keeps the end in view while the content grows, unless the person scrolled up. */
function useFollow(...content: readonly unknown[]): { current: HTMLDivElement | null } {
  const element = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const at = element.current;
    if (at === null) return;
    const look = (): void => {
      atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END;
    };
    at.addEventListener('scroll', look);
    return () => at.removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (atEnd.current && element.current) element.current.scrollTop = element.current.scrollHeight;
  }, content);
  return element;
}
