/** Whose a command or a question is. codexd adds it (docs/protocol-extensions.md). */
import { RequestId } from '../common/envelope.js';
import { nullish, tagged, text, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const OperatorOwner = tagged('OperatorOwner', 'kind', {
  thread: {
    threadId: text,
    turnId: nullish(text),
    itemId: nullish(text),
    /** The MCP server that the command is, or that asks. */
    mcpServer: nullish(text),
  },
  connection: {
    connectionId: u64,
    /** Null: the connection has ended. */
    clientName: nullish(text),
    /** Of the request that started the command. Digits for integers beyond the range of exact JSON numbers. */
    requestId: nullish(RequestId),
    processId: nullish(text),
  },
});
export type OperatorOwner = Wire<typeof OperatorOwner>;
