import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useConsole } from '../../state/console.js';
import type { Decision } from '../../state/decisions.js';
import { attempt, say } from '../../state/notices.js';

interface AllowForSessionProps {
  readonly decision: Decision;
  readonly threadId: string;
  readonly onAllowed: () => void;
}

/** The approval that the question about the host could have got: it ends with the thread's session. */
export function AllowForSession({ decision, threadId, onAllowed }: AllowForSessionProps): JSX.Element {
  const { server, overview } = useConsole();
  const sending = useSignal(false);
  const mayAct = overview.state.value?.may === 'answer';
  const { host, port, protocol } = decision;
  const allow = async (): Promise<void> => {
    sending.value = true;
    const done = await attempt('It was not allowed', () =>
      server.request('operator/network/allowForSession', { threadId, host, port, protocol }),
    );
    sending.value = false;
    if (done !== undefined) say('good', 'Allowed until the thread is closed.');
    onAllowed();
  };
  return (
    <div class="rule-step">
      <p>
        Without a rule: commands of this thread reach this host, port and protocol without a question, until the thread
        is closed. Nothing is written.
      </p>
      <footer class="choices">
        <button
          type="button"
          class="choice choice-plain"
          disabled={sending.value || !mayAct}
          onClick={() => void allow()}
        >
          Allow for the session
        </button>
      </footer>
      {!mayAct && (
        <p class="faint">
          This console may only look: <code>[codexd] operators = "answer"</code> lets it answer for others.
        </p>
      )}
    </div>
  );
}
