import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Diff } from '../../parts/diff.js';
import { Exact } from '../../parts/exact.js';
import { Fact, Facts } from '../../parts/facts.js';
import { isTyping } from '../../parts/is-typing.js';
import { announce } from '../../parts/live-region.js';
import { Owner } from '../../parts/owner.js';
import { nowMs } from '../../state/clock.js';
import { useConsole } from '../../state/console.js';
import { attempt, say } from '../../state/notices.js';
import type { Choice, QuestionView } from '../../state/questions/question-parts.js';
import { viewOf } from '../../state/questions/question-view.js';
import type { Question } from '../../state/questions/questions.js';
import { commandLine, duration } from '../../text/format.js';
import { QuestionForm } from './question-form.js';
import { RuleStep } from './rule-step.js';

/** One question with everything that it shows. Its keys work while it has the focus, so none is pressed by accident. */
export function QuestionCard({ question }: { readonly question: Question }): JSX.Element {
  const view = viewOf(question);
  const chosen = useSignal<Choice | null>(null);
  const sending = useSignal(false);
  const disabled = sending.value || !question.mayAnswer;

  const send = async (result: unknown, label: string): Promise<void> => {
    if (sending.value) return;
    sending.value = true;
    const settled = await attempt('The answer was not accepted', () => question.answer(result));
    sending.value = false;
    if (settled === undefined) return;
    const words = settled
      ? `${label}: ${view.summary}`
      : 'The question was answered before; your answer changed nothing.';
    announce(words);
    if (!settled) say('plain', words);
  };
  const choose = (choice: Choice): void => {
    if (disabled) return;
    if (choice.rule !== null) chosen.value = choice;
    else void send(choice.result, choice.label);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const choice = view.choices.find(({ key }) => key === event.key);
    if (choice === undefined) return;
    event.preventDefault();
    choose(choice);
  };

  return (
    <article class="question" tabIndex={0} aria-label={view.summary} onKeyDown={onKeyDown}>
      <header>
        <h2>{view.title}</h2>
        <span class="faint">
          <Owner owner={question.owner} />
        </span>
        <Waiting question={question} view={view} />
      </header>
      <Content view={view} />
      {view.form !== null && (
        <QuestionForm form={view.form} disabled={disabled} onSend={(result) => void send(result, 'Answered')} />
      )}
      {chosen.value?.rule && (
        <RuleStep
          rule={chosen.value.rule}
          question={question}
          target={view.target}
          disabled={disabled}
          onCancel={() => (chosen.value = null)}
          onConfirm={() => void send(chosen.value?.result, chosen.value?.label ?? '')}
        />
      )}
      {chosen.value === null && view.choices.length > 0 && (
        <footer class="choices">
          {view.choices.map((choice) => (
            <button
              key={choice.key}
              type="button"
              class={`choice choice-${choice.tone}`}
              disabled={disabled}
              aria-keyshortcuts={choice.key}
              onClick={() => choose(choice)}
            >
              <Exact text={choice.label} /> <kbd aria-hidden="true">{choice.key}</kbd>
            </button>
          ))}
        </footer>
      )}
      {!question.mayAnswer && (
        <p class="faint">
          This console may only look: <code>[codexd] operators = "answer"</code> lets it answer for others.
        </p>
      )}
    </article>
  );
}

const Waiting = ({ question, view }: { readonly question: Question; readonly view: QuestionView }): JSX.Element => {
  const left = view.deadlineMs === null ? null : view.deadlineMs - nowMs.value;
  return (
    <span class="faint waiting">
      {left === null
        ? `waits ${duration(nowMs.value - question.openedAtMs)}`
        : left > 0
          ? `continues without an answer in ${Math.ceil(left / 1000)} s`
          : 'continues without an answer'}
    </span>
  );
};

/** The command that asks: of the question itself, or of the list of commands. */
function CommandOf({ view }: { readonly view: QuestionView }): JSX.Element | null {
  const { commands } = useConsole();
  if (view.command !== null) return <Exact block text={view.command} />;
  if (view.commandItemId === null) return null;
  const found = commands.all.value.find(({ owner }) => owner.kind === 'thread' && owner.itemId === view.commandItemId);
  return found === undefined ? null : <Exact block text={commandLine(found.command)} />;
}

const Content = ({ view }: { readonly view: QuestionView }): JSX.Element => (
  <>
    {view.target !== null && (
      <p class="target">
        <Exact text={view.target.port === null ? view.target.host : `${view.target.host}:${view.target.port}`} />{' '}
        <span class="faint">{view.target.protocol}</span>
      </p>
    )}
    <CommandOf view={view} />
    {view.reason !== null && (
      <p class="reason">
        <Exact text={view.reason} />
      </p>
    )}
    {view.facts.length > 0 && (
      <Facts>
        {view.facts.map(({ label, value }) => (
          <Fact key={label} label={label}>
            <Exact block={value.includes('\n')} text={value} />
          </Fact>
        ))}
      </Facts>
    )}
    {view.changes?.map((change) => (
      <Diff key={change.path} change={change} />
    ))}
    {view.changes?.length === 0 && (
      <p class={view.changesFailure === null ? 'faint' : 'reason'}>
        {view.changesFailure === null ? 'Reading the patch …' : `The patch cannot be shown: ${view.changesFailure}`}
      </p>
    )}
  </>
);
