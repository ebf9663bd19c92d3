import type { JSX } from 'preact';
import { Exact } from '../parts/exact.js';

/** There is no session: how to get one. */
export const SignInPage = ({ reason }: { readonly reason: string }): JSX.Element => (
  <main class="sign-in">
    <h1 tabIndex={-1}>codexd console</h1>
    <p class="reason">
      <Exact text={reason} />
    </p>
    <p>
      The daemon prints a link when it starts. A link works once. For another one, run this on the same machine and open
      what it prints:
    </p>
    <Exact block text="codexd console-link" />
  </main>
);
