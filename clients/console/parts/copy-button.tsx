import type { JSX } from 'preact';
import { attempt, say } from '../state/notices.js';

export const CopyButton = ({
  text,
  label = 'Copy',
}: {
  readonly text: string;
  readonly label?: string;
}): JSX.Element => (
  <button
    type="button"
    class="quiet"
    onClick={() =>
      void attempt('Copying failed', async () => {
        await navigator.clipboard.writeText(text);
        say('good', 'Copied.');
      })
    }
  >
    {label}
  </button>
);
