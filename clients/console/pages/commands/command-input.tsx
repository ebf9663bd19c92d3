import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { attempt } from '../../state/notices.js';
import type { WatchedCommand } from '../../state/watched-command.js';

/** A line for the standard input of a command. */
export function CommandInput({ watched }: { readonly watched: WatchedCommand }): JSX.Element {
  const text = useSignal('');
  const write = async (): Promise<void> => {
    const written = await attempt('The input was not written', () => watched.write(`${text.value}\n`).then(() => true));
    if (written) text.value = '';
  };
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <input
        aria-label="Input for the command"
        placeholder="Input"
        autocomplete="off"
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
      />
      <button type="submit">Write the line</button>
    </form>
  );
}
