/**
 * Tools that a client provides (thread/start `dynamicTools`). Earlier clients wrote a flat list: one object for each
 * tool, with the namespace as a member. The decoder converts this form. A list must not mix the two forms.
 */
import { bool, json, list, listWithOlderForm, nullish, omittable, struct, tagged, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const DynamicToolFunctionSpec = struct('DynamicToolFunctionSpec', {
  name: text,
  description: text,
  inputSchema: json,
  deferLoading: omittable(bool, false),
});
export type DynamicToolFunctionSpec = Wire<typeof DynamicToolFunctionSpec>;

export const DynamicToolNamespaceTool = tagged('DynamicToolNamespaceTool', 'type', {
  function: DynamicToolFunctionSpec,
});
export type DynamicToolNamespaceTool = Wire<typeof DynamicToolNamespaceTool>;

export const DynamicToolNamespaceSpec = struct('DynamicToolNamespaceSpec', {
  name: text,
  description: text,
  tools: list(DynamicToolNamespaceTool),
});
export type DynamicToolNamespaceSpec = Wire<typeof DynamicToolNamespaceSpec>;

export const DynamicToolSpec = tagged('DynamicToolSpec', 'type', {
  function: DynamicToolFunctionSpec,
  namespace: DynamicToolNamespaceSpec,
});
export type DynamicToolSpec = Wire<typeof DynamicToolSpec>;

/** A tool in the form of earlier clients. `exposeToContext: false` is today's `deferLoading: true`. */
const LegacyDynamicToolSpec = struct(
  null,
  {
    namespace: nullish(text),
    name: text,
    description: text,
    inputSchema: json,
    deferLoading: nullish(bool),
    exposeToContext: nullish(bool),
  },
  { called: 'LegacyDynamicToolSpec' },
);

export const dynamicTools = listWithOlderForm(DynamicToolSpec, LegacyDynamicToolSpec, 'dynamicTools');
