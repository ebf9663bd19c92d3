/** The fields of a form, from the schema of an MCP server. */
import type { McpElicitationPrimitiveSchema } from '../../../schema/protocol/approvals/elicitation.js';
import type { Field } from './question.js';

type Options = NonNullable<Field['options']>;

/** A question of the model's tool. It needs an answer: with `open` any text, otherwise one of the options. */
export function toolField(field: Omit<Field, 'read'>): Field {
  const { options, open } = field;
  return {
    ...field,
    read(typed) {
      const word = typed.trim();
      if (word === '') return { error: 'Please type an answer.' };
      const option = options === null ? undefined : optionIn(options, word);
      return option === undefined && !open ? unknownChoice(word) : { value: option ?? word };
    },
  };
}

/**
 * The value of the option that a word means: its number in the list, its value or its label. The number comes first,
 * because the person sees numbers.
 */
function optionIn(options: Options, word: string): string | undefined {
  const index = /^\d{1,4}\.?$/.test(word) ? Number.parseInt(word, 10) - 1 : -1;
  const named = (): Options[number] | undefined =>
    options.find(({ value }) => value === word) ?? options.find(({ label }) => label === word);
  return (options[index] ?? named())?.value;
}

const unknownChoice = (word: string) => ({ error: `"${word}" is none of the choices.` });

/** The server checks the values again. */
export function fieldOf(id: string, schema: McpElicitationPrimitiveSchema, required: boolean): Field {
  const base = {
    id,
    title: schema.title ?? id,
    text: `${schema.description ?? ''}${required ? '' : ' (may stay empty)'}`.trim(),
    options: null,
    open: true,
    secret: false,
  };
  const { default: preset } = schema;
  const optional = (read: (typed: string) => ReturnType<Field['read']>): Field['read'] => {
    return (typed) => {
      const word = typed.trim();
      if (word !== '') return read(word);
      if (preset !== undefined) return { value: preset };
      return required ? { error: 'This field is required.' } : { value: undefined };
    };
  };
  const options = optionsOf(schema);
  if (options !== null) {
    const several = schema.type === 'array';
    return {
      ...base,
      text: several ? `${base.text} Several are separated by commas.`.trim() : base.text,
      options,
      // A list of several needs typed text.
      open: several,
      read: optional((typed) => {
        const words = several ? typed.split(',').map((word) => word.trim()) : [typed];
        const values = words.map((word) => optionIn(options, word));
        const unknown = values.indexOf(undefined);
        if (unknown >= 0) return unknownChoice(words[unknown] ?? '');
        return { value: several ? values.filter((value) => value !== undefined) : values[0] };
      }),
    };
  }
  if (schema.type === 'boolean') {
    const words = ['yes', 'no'].map((word) => ({ label: word, text: '', value: word }));
    return {
      ...base,
      options: words,
      open: false,
      read: optional((typed) => {
        const word = optionIn(words, typed) ?? typed;
        if (/^(y|yes|true)$/i.test(word)) return { value: true };
        return /^(n|no|false)$/i.test(word) ? { value: false } : { error: 'Please answer yes or no.' };
      }),
    };
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    return {
      ...base,
      read: optional((typed) => {
        const value = Number(typed);
        const isFit = Number.isFinite(value) && (schema.type === 'number' || Number.isInteger(value));
        return isFit
          ? { value }
          : { error: `Please type ${schema.type === 'integer' ? 'a whole number' : 'a number'}.` };
      }),
    };
  }
  return { ...base, read: optional((typed) => ({ value: typed })) };
}

function optionsOf(schema: McpElicitationPrimitiveSchema): Field['options'] {
  const titled = (all: readonly { readonly const: string; readonly title: string }[]) =>
    all.map(({ const: value, title }) => ({ label: title, text: '', value }));
  const named = (all: readonly string[], names?: readonly string[]) =>
    all.map((value, index) => ({ label: names?.[index] ?? value, text: '', value }));
  if ('oneOf' in schema) return titled(schema.oneOf);
  if ('enum' in schema) return named(schema.enum, 'enumNames' in schema ? schema.enumNames : undefined);
  if ('items' in schema) return 'anyOf' in schema.items ? titled(schema.items.anyOf) : named(schema.items.enum);
  return null;
}
