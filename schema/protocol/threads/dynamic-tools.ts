/**
 * Tools that a client brings along (thread/start `dynamicTools`). Earlier clients wrote them flat, one object a tool
 * with its namespace as a member; they are rewritten when they are read. The two forms do not mix.
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

/** A tool as earlier clients wrote it. `exposeToContext: false` is what `deferLoading: true` says today. */
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
