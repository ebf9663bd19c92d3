/** The fields of a form, from the schema of an MCP server. */
import type { McpElicitationPrimitiveSchema } from '../../../schema/protocol/approvals/elicitation.js';
import type { Field } from './question.js';

/** Free text, which may not be empty. */
export const textField = (id: string, title: string, text: string): Field => ({
  id,
  title,
  text,
  options: null,
  open: true,
  secret: false,
  read: (typed) => (typed.trim() === '' ? { error: 'Please type an answer.' } : { value: typed.trim() }),
});

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
    const one = (word: string): string | undefined =>
      options.find(({ value, label }) => value === word || label === word)?.value;
    return {
      ...base,
      text: several ? `${base.text} Several are separated by commas.`.trim() : base.text,
      options,
      // A list of several needs typed text.
      open: several,
      read: optional((typed) => {
        const words = several ? typed.split(',').map((word) => word.trim()) : [typed];
        const values = words.map(one);
        const unknown = values.indexOf(undefined);
        if (unknown >= 0) return { error: `"${words[unknown]}" is none of the choices.` };
        return { value: several ? values.filter((value) => value !== undefined) : values[0] };
      }),
    };
  }
  if (schema.type === 'boolean') {
    return {
      ...base,
      options: ['yes', 'no'].map((word) => ({ label: word, text: '', value: word })),
      open: false,
      read: optional((typed) =>
        /^(y|yes|true)$/i.test(typed)
          ? { value: true }
          : /^(n|no|false)$/i.test(typed)
            ? { value: false }
            : { error: 'Please answer yes or no.' },
      ),
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
