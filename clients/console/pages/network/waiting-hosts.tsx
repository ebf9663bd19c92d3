import type { JSX } from 'preact';
import { useConsole } from '../../state/console.js';
import { viewOf } from '../../state/questions/question-view.js';
import { QuestionCard } from '../approvals/question-card.js';

/** The questions about hosts: answered where the decisions are watched. */
export function WaitingHosts(): JSX.Element | null {
  const open = useConsole().questions.open.value.filter((question) => viewOf(question).target !== null);
  if (open.length === 0) return null;
  return (
    <section class="questions" aria-label="Hosts that wait for an answer">
      {open.map((question) => (
        <QuestionCard key={question.promptId} question={question} />
      ))}
    </section>
  );
}
