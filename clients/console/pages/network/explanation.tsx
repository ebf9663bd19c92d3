import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ClientParams, RequestResult } from '../../../../schema/registry.js';
import { Badge } from '../../parts/badge.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';

type Test = RequestResult<'network/policy/test'>;
export type PolicyQuestion = ClientParams<'network/policy/test'>;

const TONES = { allow: 'good', deny: 'bad', ask: 'warn' } as const;

/** What the policy would decide now, by which rule, and the line that would change it. Nothing is connected. */
export function Explanation({ question }: { readonly question: PolicyQuestion }): JSX.Element {
  const { server } = useConsole();
  const test = useSignal<Test | null>(null);
  const failure = useSignal<string | null>(null);
  const key = JSON.stringify(question);
  useEffect(() => {
    let current = true;
    server.request('network/policy/test', question).then(
      (result) => {
        if (!current) return;
        [test.value, failure.value] = [result, null];
      },
      (error: Error) => {
        if (current) failure.value = error.message;
      },
    );
    return () => {
      current = false;
    };
  }, [key]);
  if (failure.value !== null) return <p class="reason">{failure.value}</p>;
  if (test.value === null) return <p class="faint">…</p>;
  const { verdict, explanation, rule, origin, ruleText } = test.value;
  return (
    <div class="explanation">
      <p>
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
      <RuleLine text={verdict === 'allow' ? ruleText.deny : ruleText.allow} verdict={verdict} />
    </div>
  );
}

const RuleLine = ({ text, verdict }: { readonly text: string; readonly verdict: Test['verdict'] }): JSX.Element => (
  <>
    <p class="faint">
      {verdict === 'allow' ? 'This line in a rules file denies it:' : 'This line in a rules file allows it:'}
    </p>
    <div class="with-copy">
      <Exact block text={text} />
      <CopyButton text={text} />
    </div>
  </>
);
