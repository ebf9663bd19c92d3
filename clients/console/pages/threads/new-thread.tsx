import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useConsole } from '../../state/console.js';
import { attempt } from '../../state/notices.js';
import { addressOf } from '../../state/route.js';

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** Starts a thread in a folder; everything else is as configured for it. */
export function NewThread({ onStarted }: { readonly onStarted: () => void }): JSX.Element {
  const { thread } = useConsole();
  const folder = useSignal('');
  const model = useSignal('');
  const start = async (): Promise<void> => {
    const params = { cwd: orNull(folder.value), model: orNull(model.value) };
    const id = await attempt('The thread was not started', () => thread.start(params));
    if (id === undefined) return;
    onStarted();
    location.hash = addressOf('threads', id);
  };
  return (
    <form
      class="new-thread"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <input
        aria-label="Folder"
        placeholder="Folder (default: that of the daemon)"
        value={folder.value}
        onInput={({ currentTarget }) => (folder.value = currentTarget.value)}
      />
      <input
        aria-label="Model"
        placeholder="Model (default: the configured one)"
        value={model.value}
        onInput={({ currentTarget }) => (model.value = currentTarget.value)}
      />
      <button type="submit" class="choice choice-allow">
        Start the thread
      </button>
    </form>
  );
}
