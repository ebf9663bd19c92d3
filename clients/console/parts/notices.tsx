import type { JSX } from 'preact';
import { dismiss, notices } from '../state/notices.js';

export const Notices = (): JSX.Element => (
  <ul class="notices" aria-live="assertive" aria-label="Messages">
    {notices.value.map(({ id, tone, text }) => (
      <li key={id} class={`notice notice-${tone}`}>
        <span>{text}</span>
        <button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(id)}>
          ×
        </button>
      </li>
    ))}
  </ul>
);
