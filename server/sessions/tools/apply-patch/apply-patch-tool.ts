/** The apply_patch tool, for models that write patches in free form (docs/protocol/turns.md §5). */
import type { Tool } from '../../tool-types/tool.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import { featureOn } from '../../../config/shape/features.js';
import { hookedPatch } from '../shell/hooked-command.js';
import type { PatchApplier } from './apply-patch.js';
import { watchPatch } from './watch-patch.js';

/** The grammar that endpoints enforce. */
const GRAMMAR = `start: begin_patch hunk+ end_patch
begin_patch: "*** Begin Patch" LF
end_patch: "*** End Patch" LF?

hunk: add_hunk | delete_hunk | update_hunk
add_hunk: "*** Add File: " filename LF add_line+
delete_hunk: "*** Delete File: " filename LF
update_hunk: "*** Update File: " filename LF change_move? change?

filename: /(.+)/
add_line: "+" /(.*)/ LF -> line

change_move: "*** Move to: " filename LF
change: (change_context | change_line)+ eof_line?
change_context: ("@@" | "@@ " /(.+)/) LF
change_line: ("+" | "-" | " ") /(.*)/ LF
eof_line: "*** End of File" LF

%import common.LF
`;

export function applyPatchTool(applier: PatchApplier, modelInfo: ModelInfoOf): Tool {
  return {
    name: 'apply_patch',
    definition: (state) =>
      modelInfo(state).freeformPatch
        ? {
            type: 'custom',
            name: 'apply_patch',
            description: 'Changes files by a patch. Write the patch itself, not JSON.',
            format: { type: 'grammar', syntax: 'lark', definition: GRAMMAR },
          }
        : null,
    changesFiles: () => true,
    watchInput: ({ callId }, context) =>
      featureOn(context.state.table, 'apply_patch_streaming_events') ? watchPatch(callId, context) : null,
    hooked: (call) => hookedPatch(call),
    async run(call, context) {
      const { applied, text } = await applier.apply(call.input, context.state.wire.cwd, call.callId, context);
      if (applied) context.responded?.({ response: text });
      return text;
    },
  };
}
