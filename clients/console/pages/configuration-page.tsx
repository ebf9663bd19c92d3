import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Exact } from '../parts/exact.js';
import { Empty, PageHead } from '../parts/page-head.js';
import { matchingSettings, originText, readValue, type Setting, type Warning } from '../state/configuration.js';
import { useConsole } from '../state/console.js';
import { attempt, say } from '../state/notices.js';

/** Every effective value with where it comes from; an edit goes to the user's own file. */
export function ConfigurationPage(): JSX.Element {
  const { configuration } = useConsole();
  const filter = useSignal('');
  const editing = useSignal<string | null>(null);
  useEffect(() => void attempt('The configuration cannot be read', configuration.refresh), []);
  const shown = matchingSettings(configuration.settings.value, filter.value);
  const write = async (key: string, text: string): Promise<void> => {
    const result = await attempt(`${key} was not written`, async () => ({
      overridden: await configuration.write(key, readValue(text)),
    }));
    if (result === undefined) return;
    editing.value = null;
    if (result.overridden === null) say('good', `${key} is written.`);
    else say('plain', result.overridden);
  };
  return (
    <>
      <PageHead title="Configuration" about="What counts now, and where each value comes from." />
      <Warnings warnings={configuration.warnings.value} />
      <form class="filters" role="search" aria-label="Filter settings" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Setting contains"
          placeholder="Key, value, file"
          value={filter.value}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
      </form>
      <ul class="rows">
        {shown.map((setting) => (
          <Row
            key={setting.key}
            setting={setting}
            editing={editing.value === setting.key}
            onEdit={(on) => (editing.value = on ? setting.key : null)}
            onWrite={(text) => void write(setting.key, text)}
          />
        ))}
      </ul>
      {shown.length === 0 && (
        <Empty>
          {configuration.settings.value.length === 0 ? 'No value is read yet.' : 'No value matches the filter.'}
        </Empty>
      )}
      <AddSetting onWrite={(key, text) => void write(key, text)} />
    </>
  );
}

const Warnings = ({ warnings }: { readonly warnings: readonly Warning[] }): JSX.Element | null =>
  warnings.length === 0 ? null : (
    <ul class="warnings" aria-label="Warnings">
      {warnings.map((warning, index) => (
        <li key={index} class="note note-warn">
          <p>
            <Exact text={warning.summary} />
          </p>
          {warning.path !== undefined && (
            <p>
              <Exact text={warning.path} />
              {warning.range && ` line ${warning.range.start.line}, column ${warning.range.start.column}`}
            </p>
          )}
          {warning.details !== null && <Exact block text={warning.details} />}
        </li>
      ))}
    </ul>
  );

interface RowProps {
  readonly setting: Setting;
  readonly editing: boolean;
  readonly onEdit: (on: boolean) => void;
  readonly onWrite: (text: string) => void;
}

const Row = ({ setting, editing, onEdit, onWrite }: RowProps): JSX.Element => {
  const value = JSON.stringify(setting.value);
  return (
    <li class="setting">
      <Exact text={setting.key} />
      {editing ? (
        <Edit label={`Value of ${setting.key}`} value={value} onCancel={() => onEdit(false)} onWrite={onWrite} />
      ) : (
        <>
          <span class="setting-value">
            <Exact text={value} />
          </span>
          <span class="faint cut" title={originText(setting.origin)}>
            {originText(setting.origin)}
          </span>
          <button type="button" class="quiet" aria-label={`Edit ${setting.key}`} onClick={() => onEdit(true)}>
            Edit
          </button>
        </>
      )}
    </li>
  );
};

interface EditProps {
  readonly label: string;
  readonly value: string;
  readonly onCancel: () => void;
  readonly onWrite: (text: string) => void;
}

function Edit({ label, value, onCancel, onWrite }: EditProps): JSX.Element {
  const text = useSignal(value);
  return (
    <form
      class="setting-edit"
      onSubmit={(event) => {
        event.preventDefault();
        onWrite(text.value);
      }}
    >
      <input
        aria-label={label}
        value={text.value}
        ref={(input) => input?.focus()}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        onKeyDown={({ key }) => {
          if (key === 'Escape') onCancel();
        }}
      />
      <button type="submit" class="choice choice-allow">
        Write
      </button>
      <button type="button" onClick={onCancel}>
        Back
      </button>
    </form>
  );
}

/** A key that is not set yet. */
function AddSetting({ onWrite }: { readonly onWrite: (key: string, text: string) => void }): JSX.Element {
  const key = useSignal('');
  const text = useSignal('');
  return (
    <section class="policy-test">
      <h2>Set another key</h2>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.value.trim() !== '') onWrite(key.value.trim(), text.value);
        }}
      >
        <input
          aria-label="Key"
          placeholder="Key, for example model"
          value={key.value}
          onInput={({ currentTarget }) => (key.value = currentTarget.value)}
        />
        <input
          aria-label="Value"
          placeholder="Value, as JSON or as text"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <button type="submit">Write</button>
      </form>
    </section>
  );
}
