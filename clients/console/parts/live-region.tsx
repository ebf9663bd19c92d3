import { signal } from '@preact/signals';
import type { JSX } from 'preact';

const spoken = signal('');

/** Lets a screen reader say a text, without moving the focus. */
export function announce(text: string): void {
  spoken.value = text;
}

export const LiveRegion = (): JSX.Element => (
  <div class="unseen" role="status" aria-live="polite">
    {spoken}
  </div>
);
