import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Exact } from '../parts/exact.js';

interface SignInPageProps {
  readonly reason: string;
  readonly onToken: (token: string) => void;
}

/** There is no session: how to get one. */
export function SignInPage({ reason, onToken }: SignInPageProps): JSX.Element {
  const text = useSignal('');
  return (
    <main class="sign-in">
      <h1 tabIndex={-1}>codexd console</h1>
      <p class="reason">
        <Exact text={reason} />
      </p>
      <p>The daemon prints a link when it starts. A link works once. This command prints another one:</p>
      <Exact block text="codexd console" />
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          // A whole link, or the token alone.
          const token = text.value.trim().replace(/^.*#/, '');
          if (token !== '') onToken(token);
        }}
      >
        <input
          type="password"
          autocomplete="off"
          aria-label="Link or token"
          placeholder="Or paste a link, or the token of the listener"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
