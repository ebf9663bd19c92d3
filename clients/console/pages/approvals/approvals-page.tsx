import type { JSX, TargetedKeyboardEvent } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Empty, PageHead } from '../../parts/page-head.js';
import { isTyping } from '../../parts/is-typing.js';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import { viewOf } from '../../state/questions/question-view.js';
import type { SettledQuestion } from '../../state/questions/questions.js';
import { clock } from '../../text/format.js';
import { QuestionCard } from './question-card.js';

/** Every open question, oldest first, and what became of the last ones. */
export function ApprovalsPage(): JSX.Element {
  const { questions } = useConsole();
  const open = questions.open.value;
  const settled = questions.settled.value;
  return (
    <>
      <PageHead
        title="Approvals"
        about={
          open.length === 0 ? 'Nothing waits for an answer.' : `${open.length} waiting for an answer, oldest first.`
        }
      >
        <span class="faint keys">
          <kbd>j</kbd> <kbd>k</kbd> next, previous
        </span>
      </PageHead>
      <div class="questions" onKeyDown={moveFocus}>
        {open.map((question) => (
          <QuestionCard key={question.promptId} question={question} />
        ))}
        {open.length === 0 && (
          <Empty>When a command, a patch or a request to a host needs an approval, it appears here at once.</Empty>
        )}
      </div>
      {settled.length > 0 && (
        <section class="settled">
          <h2>Settled</h2>
          <ul>
            {settled.map((entry) => (
              <Settled key={entry.question.promptId} entry={entry} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const Settled = ({
  entry: { question, atMs, outcome, by, mine },
}: {
  readonly entry: SettledQuestion;
}): JSX.Element => (
  <li>
    <time>{clock(atMs)}</time>
    <Badge tone={outcome === 'withdrawn' ? 'plain' : 'good'}>
      {outcome === 'withdrawn' ? 'withdrawn' : mine ? 'answered here' : 'answered elsewhere'}
    </Badge>
    <Exact text={viewOf(question).summary} />
    {by !== null && !mine && (
      <span class="faint">
        by <Exact text={by.clientName ?? 'a client'} />, connection {by.connectionId}
      </span>
    )}
  </li>
);

/** `j` and `k` move between the questions, like the arrow keys of a list. */
function moveFocus(event: TargetedKeyboardEvent<HTMLElement>): void {
  if (isTyping(event)) return;
  const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
  if (step === 0) return;
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>('.question')];
  const current = cards.findIndex((card) => card.contains(document.activeElement));
  cards[current + step]?.focus();
}
