/**
 * Tools that a client brings along (thread/start `dynamicTools`). Earlier clients wrote them flat, one object a tool with
 * its namespace as a member; they are rewritten when they are read. The two forms do not mix.
 */
import { DynamicToolSpec } from './item.js';
import { bool, json, listWithOlderForm, nullish, struct, text } from './kit.js';

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
