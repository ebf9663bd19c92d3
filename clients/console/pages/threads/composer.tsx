import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { attempt } from '../../state/notices.js';
import type { OpenThread } from '../../state/open-thread.js';

/** The field for messages: starts a turn, or adds to the running one. */
export function Composer({ opened }: { readonly opened: OpenThread }): JSX.Element {
  const text = useSignal('');
  const sending = useSignal(false);
  const running = opened.timeline.value.activeTurnId !== null;
  const send = async (): Promise<void> => {
    const message = text.value.trim();
    if (message === '' || sending.value) return;
    sending.value = true;
    const sent = await attempt('The message was not sent', () => opened.send(message).then(() => true));
    sending.value = false;
    if (sent) text.value = '';
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        rows={2}
        aria-label="Message"
        placeholder={running ? 'Add to the running turn' : 'Message'}
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <div class="composer-tools">
        {running && (
          <button type="button" onClick={() => void attempt('The turn was not interrupted', opened.interrupt)}>
            Interrupt
          </button>
        )}
        <button type="submit" class="choice choice-allow" disabled={text.value.trim() === '' || sending.value}>
          {running ? 'Steer' : 'Send'}
        </button>
      </div>
    </form>
  );
}
