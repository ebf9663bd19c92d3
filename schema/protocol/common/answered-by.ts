import { nullish, struct, text, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

/** The client that answered a question. codexd adds it (docs/protocol-extensions.md). */
export const AnsweredBy = struct('AnsweredBy', {
  connectionId: u64,
  /** The name that the client gave itself. It proves nothing. */
  clientName: nullish(text),
});
export type AnsweredBy = Wire<typeof AnsweredBy>;
