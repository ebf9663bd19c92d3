/** The forms of questions: of the model (`item/tool/requestUserInput`) and of MCP servers, as one list of fields. */
import type { ServerRequestParams } from '../../../../schema/registry.js';

type InputQuestion = ServerRequestParams<'item/tool/requestUserInput'>['questions'][number];
type Elicitation = Extract<ServerRequestParams<'mcpServer/elicitation/request'>, { mode: 'form' }>;
type Schema = Elicitation['requestedSchema'];
type Property = Schema['properties'][string];

export interface Field {
  readonly id: string;
  readonly label: string;
  readonly help: string | null;
  readonly kind: 'text' | 'secret' | 'number' | 'yesNo' | 'one' | 'several';
  readonly options: readonly { readonly value: string; readonly label: string; readonly help: string | null }[];
  /** Another answer than the options may be given. */
  readonly open: boolean;
  readonly required: boolean;
  readonly initial: FieldValue;
}
export type FieldValue = string | boolean | readonly string[];
export type Values = Readonly<Record<string, FieldValue>>;

export interface Form {
  readonly fields: readonly Field[];
  /** The result for the server. */
  readonly result: (values: Values) => unknown;
}

const PLAIN = { help: null, options: [], open: false, required: false, initial: '' } as const;

export function formOfInput(questions: readonly InputQuestion[]): Form {
  const fields = questions.map(({ id, header, question, isSecret, isOther, options }): Field => {
    const listed = (options ?? []).map(({ label, description }) => ({ value: label, label, help: description }));
    const kind = isSecret ? 'secret' : listed.length > 0 ? 'one' : 'text';
    return { ...PLAIN, id, label: question, help: header, kind, options: listed, open: isOther, required: true };
  });
  const answersOf = (value: FieldValue | undefined): readonly string[] =>
    typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  return {
    fields,
    result: (values) => ({
      answers: Object.fromEntries(fields.map(({ id }) => [id, { answers: answersOf(values[id]) }])),
    }),
  };
}

export function formOfSchema({ properties, required = [] }: Schema): Form {
  const fields = Object.entries(properties).map(([id, property]) => fieldOf(id, property, required.includes(id)));
  return {
    fields,
    result: (values) => ({
      action: 'accept',
      content: Object.fromEntries(
        fields.flatMap((field) => {
          const value = values[field.id];
          if (value === undefined || (value === '' && !field.required)) return [];
          return [[field.id, field.kind === 'number' ? Number(value) : value]];
        }),
      ),
    }),
  };
}

function fieldOf(id: string, property: Property, required: boolean): Field {
  const shared = { ...PLAIN, id, label: property.title ?? id, help: property.description ?? null, required };
  if (property.type === 'boolean') return { ...shared, kind: 'yesNo', initial: property.default ?? false };
  if (property.type === 'number' || property.type === 'integer')
    return { ...shared, kind: 'number', initial: String(property.default ?? '') };
  if (property.type === 'array') {
    const options =
      'anyOf' in property.items
        ? property.items.anyOf.map((option) => ({ value: option.const, label: option.title, help: null }))
        : property.items.enum.map((value) => ({ value, label: value, help: null }));
    return { ...shared, kind: 'several', options, initial: Array.isArray(property.default) ? property.default : [] };
  }
  const initial = property.default === undefined ? '' : String(property.default);
  if ('oneOf' in property) {
    const options = property.oneOf.map((option) => ({ value: option.const, label: option.title, help: null }));
    return { ...shared, kind: 'one', options, initial };
  }
  if ('enum' in property) {
    const names = 'enumNames' in property ? property.enumNames : undefined;
    const options = property.enum.map((value, index) => ({ value, label: names?.[index] ?? value, help: null }));
    return { ...shared, kind: 'one', options, initial };
  }
  return { ...shared, kind: 'text', initial };
}

/** Whether every required field has a value. */
export const complete = ({ fields }: Form, values: Values): boolean =>
  fields.every(({ id, required, kind }) => {
    const value = values[id];
    if (kind === 'number' && value !== undefined && value !== '' && Number.isNaN(Number(value))) return false;
    return !required || (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '');
  });
