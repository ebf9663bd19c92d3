/** Declares functions to the model: not strict, without additional properties (docs/protocol/turns.md §4). */
import type { ToolDefinition } from '../model/provider/model-provider.js';

export interface JsonSchema {
  readonly type: string;
  readonly [member: string]: unknown;
}

export function functionDefinition(
  name: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): ToolDefinition {
  const parameters = { type: 'object', properties, required, additionalProperties: false };
  return { type: 'function', name, description, strict: false, parameters };
}

export const text = (description: string): JsonSchema => ({ type: 'string', description });
export const number = (description: string): JsonSchema => ({ type: 'number', description });
export const flag = (description: string): JsonSchema => ({ type: 'boolean', description });
export const texts = (description: string): JsonSchema => ({ type: 'array', items: { type: 'string' }, description });
export const oneOf = (values: readonly string[], description: string): JsonSchema => ({
  type: 'string',
  enum: values,
  description,
});
