import { signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { ClientRequestMethod } from '../../../../schema/registry.js';
import { ServerError } from '../../../typescript/browser.js';
import type { Method } from '../../methods/methods.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import { attempt } from '../../state/notices.js';
import { jsonFault } from '../../text/json-fault.js';

/** Empty: not loaded yet, and a name is typed without help. */
const methods = signal<readonly Method[]>([]);

/** The build makes it a file of its own, beside console.js. */
async function loadMethods(): Promise<void> {
  if (methods.value.length === 0) methods.value = (await import('../../methods/methods.js')).METHODS;
}

interface Outcome {
  readonly method: string;
  readonly failed: boolean;
  readonly text: string;
}

/** Characters of a result that are shown. The log has the whole message. */
const SHOWN = 100_000;

/** One request by hand, on this page's own connection: it may do what the page may do. */
export function RequestForm(): JSX.Element {
  const { server } = useConsole();
  const [list, hint] = [useId(), useId()];
  const method = useSignal('');
  const params = useSignal('{}');
  const sending = useSignal(false);
  const outcome = useSignal<Outcome | null>(null);
  const known = methods.value.find(({ name }) => name === method.value.trim());
  const fault = params.value.trim() === '' ? null : jsonFault(params.value);

  const send = async (): Promise<void> => {
    const name = method.value.trim();
    const text = params.value.trim();
    sending.value = true;
    const shown = (failed: boolean, value: unknown): Outcome => {
      const whole = JSON.stringify(value, null, 2);
      return { method: name, failed, text: whole.length > SHOWN ? `${whole.slice(0, SHOWN)}\n…` : whole };
    };
    try {
      // The server checks the name and the params of each request, whatever this page knows about them.
      const result = await server.request(
        name as ClientRequestMethod,
        (text === '' ? undefined : JSON.parse(text)) as never,
      );
      outcome.value = shown(false, result);
    } catch (error) {
      const { message } = error as Error;
      const about = error instanceof ServerError ? { code: error.code, message, data: error.data } : { message };
      outcome.value = shown(true, about);
    }
    sending.value = false;
  };

  return (
    <form
      class="request-form"
      aria-label="Send a request"
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === null && method.value.trim() !== '' && !sending.value) void send();
      }}
    >
      <input
        aria-label="Method"
        placeholder="Method, for example thread/list"
        list={list}
        autocomplete="off"
        spellcheck={false}
        value={method.value}
        onFocus={() => void attempt('The methods cannot be listed', loadMethods)}
        onInput={({ currentTarget }) => (method.value = currentTarget.value)}
      />
      <datalist id={list}>
        {methods.value.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <textarea
        aria-label="Params, as JSON"
        aria-invalid={fault !== null}
        aria-describedby={hint}
        rows={4}
        spellcheck={false}
        value={params.value}
        onInput={({ currentTarget }) => (params.value = currentTarget.value)}
      />
      <p id={hint} class={fault === null ? 'faint' : 'reason'}>
        {fault === null
          ? `Sent on this page's own connection, with its rights.${PARAMS[known?.params ?? 'optional']}`
          : `Line ${fault.line}, column ${fault.column}: here must be ${fault.expected}.`}
      </p>
      <footer class="choices">
        <button
          type="submit"
          class="choice choice-plain"
          disabled={fault !== null || method.value.trim() === '' || sending.value}
        >
          Send
        </button>
      </footer>
      {outcome.value !== null && (
        <section aria-label="The answer" aria-live="polite">
          <div class="with-copy">
            <p class={outcome.value.failed ? 'reason' : ''}>
              {outcome.value.failed ? 'Refused: ' : 'Answered: '}
              <Exact text={outcome.value.method} />
            </p>
            <CopyButton text={outcome.value.text} />
          </div>
          <Exact block text={outcome.value.text} />
        </section>
      )}
    </form>
  );
}

const PARAMS = { required: '', optional: '', none: ' This method takes no params.' } as const;
