import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { CopyButton } from '../../parts/copy-button.js';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import { say } from '../../state/notices.js';
import { writeChange, type PolicyChange } from '../../state/policy.js';

interface RuleChangeProps {
  readonly to: 'allow' | 'deny';
  readonly change: PolicyChange;
  readonly version: string | null;
  /** Also after a refusal: the policy or the file is another one. */
  readonly onWritten: () => void;
}

/** The text of the rule that changes the verdict, and the button that writes it. */
export function RuleChange({ to, change, version, onWritten }: RuleChangeProps): JSX.Element | null {
  const { server } = useConsole();
  const writing = useSignal(false);
  const refusal = useSignal<string | null>(null);
  if (change.obstacle !== null)
    return (
      <p class="reason">
        No rule of yours {to === 'allow' ? 'allows' : 'denies'} it. <Exact text={change.obstacle} />
      </p>
    );
  if (change.edits.length === 0) return null;
  const write = async (): Promise<void> => {
    writing.value = true;
    try {
      const overridden = await writeChange(server, change, version);
      refusal.value = null;
      say(overridden === null ? 'good' : 'plain', overridden ?? 'The rule is written.');
    } catch (error) {
      refusal.value = (error as Error).message;
    }
    writing.value = false;
    onWritten();
  };
  return (
    <div class="rule-step">
      <p>
        {to === 'allow' ? 'This allows it' : 'This denies it'}, in <Exact text={change.file} />. {change.scope}
      </p>
      <div class="with-copy">
        <Exact block text={change.text} />
        <CopyButton text={change.text} />
      </div>
      {refusal.value !== null && <p class="reason">The rule was not written: {refusal.value}</p>}
      <footer class="choices">
        <button type="button" class={`choice choice-${to}`} disabled={writing.value} onClick={() => void write()}>
          Write this rule
        </button>
      </footer>
    </div>
  );
}
