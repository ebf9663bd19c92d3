import { useSignal } from '@preact/signals';
import type { JSX, TargetedInputEvent } from 'preact';
import { useId } from 'preact/hooks';
import { complete, type Field, type FieldValue, type Form, type Values } from '../../state/questions/question-form.js';

interface QuestionFormProps {
  readonly form: Form;
  readonly disabled: boolean;
  readonly onSend: (result: unknown) => void;
}

/** The fields of a question of the model or of an MCP server. */
export function QuestionForm({ form, disabled, onSend }: QuestionFormProps): JSX.Element {
  const values = useSignal<Values>(Object.fromEntries(form.fields.map(({ id, initial }) => [id, initial])));
  const set = (id: string, value: FieldValue): void => {
    values.value = { ...values.value, [id]: value };
  };
  return (
    <form
      class="question-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(form.result(values.value));
      }}
    >
      {form.fields.map((field) => (
        <FormField key={field.id} field={field} value={values.value[field.id] ?? ''} onSet={(v) => set(field.id, v)} />
      ))}
      <button type="submit" class="choice choice-allow" disabled={disabled || !complete(form, values.value)}>
        Send the answer
      </button>
    </form>
  );
}

interface FormFieldProps {
  readonly field: Field;
  readonly value: FieldValue;
  readonly onSet: (value: FieldValue) => void;
}

function FormField({ field, value, onSet }: FormFieldProps): JSX.Element {
  const id = useId();
  const help = field.help !== null && (
    <span class="faint" id={`${id}-help`}>
      {field.help}
    </span>
  );
  const text = typeof value === 'string' ? value : '';
  if (field.kind === 'yesNo')
    return (
      <p>
        <label>
          <input
            type="checkbox"
            checked={value === true}
            onChange={({ currentTarget }) => onSet(currentTarget.checked)}
          />{' '}
          {field.label}
        </label>{' '}
        {help}
      </p>
    );
  if (field.kind === 'one' || field.kind === 'several') {
    const chosen = Array.isArray(value) ? (value as readonly string[]) : [text];
    const several = field.kind === 'several';
    const toggle = (option: string, on: boolean): void => {
      if (!several) onSet(option);
      else onSet(on ? [...chosen, option] : chosen.filter((other) => other !== option));
    };
    return (
      <fieldset>
        <legend>{field.label}</legend>
        {help}
        {field.options.map((option) => (
          <label key={option.value} class="option">
            <input
              type={several ? 'checkbox' : 'radio'}
              name={id}
              checked={chosen.includes(option.value)}
              onChange={({ currentTarget }) => toggle(option.value, currentTarget.checked)}
            />
            <span>
              {option.label} {option.help !== null && <span class="faint">{option.help}</span>}
            </span>
          </label>
        ))}
        {field.open && (
          <input
            type="text"
            aria-label="Another answer"
            placeholder="Another answer"
            value={field.options.some((option) => option.value === text) ? '' : text}
            onInput={({ currentTarget }) => onSet(currentTarget.value)}
          />
        )}
      </fieldset>
    );
  }
  const shared = {
    autocomplete: 'off',
    'aria-describedby': field.help === null ? undefined : `${id}-help`,
    value: text,
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) => onSet(currentTarget.value),
  } as const;
  return (
    <p>
      <label for={id}>{field.label}</label> {help}
      {field.kind === 'secret' ? (
        <input id={id} type="password" {...shared} />
      ) : (
        <input id={id} type="text" inputMode={field.kind === 'number' ? 'decimal' : 'text'} {...shared} />
      )}
    </p>
  );
}
