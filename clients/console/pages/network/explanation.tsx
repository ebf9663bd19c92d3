import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import type { Decision } from '../../state/decisions.js';
import { judge, wantedChange, type Judged, type PolicyAnswer, type PolicyQuestion } from '../../state/policy.js';
import { AllowForSession } from './allow-for-session.js';
import { RuleChange } from './rule-change.js';

const TONES = { allow: 'good', deny: 'bad', ask: 'warn' } as const;

interface ExplanationProps {
  readonly question: PolicyQuestion;
  /** The decision that would be another one. Null: nobody has asked for the host. */
  readonly decision?: Decision;
}

/** What the policy would decide now, by which rule, and the rule that would change it. Nothing is connected. */
export function Explanation({ question, decision }: ExplanationProps): JSX.Element {
  const { server } = useConsole();
  const judged = useSignal<Judged | null>(null);
  const failure = useSignal<string | null>(null);
  /** Counts what was written: each time the policy is asked again. */
  const writes = useSignal(0);
  useEffect(() => {
    let current = true;
    judge(server, question).then(
      (result) => {
        if (current) [judged.value, failure.value] = [result, null];
      },
      (error: Error) => {
        if (current) failure.value = error.message;
      },
    );
    return () => {
      current = false;
    };
  }, [JSON.stringify(question), writes.value]);
  if (failure.value !== null) return <p class="reason">{failure.value}</p>;
  if (judged.value === null) return <p class="faint">…</p>;
  const { answer, version, threadGone } = judged.value;
  const wanted = wantedChange(judged.value, decision ?? null);
  const onWritten = (): void => void (writes.value += 1);
  return (
    <div class="explanation">
      {threadGone && <p class="faint">The thread is no longer loaded, so this is about the configured profile.</p>}
      <Verdict answer={answer} />
      {wanted !== null && <RuleChange {...wanted} version={version} onWritten={onWritten} />}
      {decision?.threadId && !threadGone && answer.verdict === 'ask' && (
        <AllowForSession decision={decision} threadId={decision.threadId} onAllowed={onWritten} />
      )}
      {decision && (
        <p class="faint">
          {decision.verdict === 'deny'
            ? 'This decision stays: its command is over, or went on without the host.'
            : 'This decision stays: its request has been made.'}
        </p>
      )}
    </div>
  );
}

const Verdict = ({
  answer: { verdict, explanation, rule, origin },
}: {
  readonly answer: PolicyAnswer;
}): JSX.Element => (
  <>
    <p class="verdict">
      <Badge tone={TONES[verdict]}>{verdict}</Badge> <Exact text={explanation} />
    </p>
    {rule !== null && (
      <p class="faint">
        Rule <Exact text={rule} />
        {origin !== null && (
          <>
            {' '}
            in <Exact text={origin} />
          </>
        )}
      </p>
    )}
  </>
);
