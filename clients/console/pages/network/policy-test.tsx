import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { PolicyQuestion } from '../../state/policy.js';
import { Explanation } from './explanation.js';

/** Would this host be allowed? Asked of the policy, without a request. */
export function PolicyTest(): JSX.Element {
  const asked = useSignal<PolicyQuestion | null>(null);
  const ask = (form: HTMLFormElement): void => {
    const data = new FormData(form);
    const text = (name: string): string | null => {
      const value = data.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
    };
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(text('host') ?? '') ?? [];
    if (host === '') return;
    const protocol = text('protocol') === 'http' ? 'http' : 'https';
    asked.value = {
      host,
      port: port === undefined ? (protocol === 'http' ? 80 : 443) : Number(port),
      protocol,
      profile: text('profile'),
    };
  };
  return (
    <section class="policy-test">
      <h2>Would a host be allowed?</h2>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          ask(event.currentTarget);
        }}
      >
        <input name="host" required aria-label="Host, or host:port" placeholder="Host, or host:port" />
        <select name="protocol" aria-label="Protocol">
          <option value="https">https</option>
          <option value="http">http</option>
        </select>
        <input name="profile" aria-label="Permission profile" placeholder="Profile (default: the configured one)" />
        <button type="submit">Ask the policy</button>
      </form>
      {asked.value !== null && <Explanation question={asked.value} />}
    </section>
  );
}
