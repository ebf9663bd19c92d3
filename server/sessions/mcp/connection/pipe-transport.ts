/**
 * MCP over the pipes of a process: one JSON message a line.
 *
 * Threat: a server that writes without end, or without a line end, fills the daemon's memory. Rule: a line has a limit,
 * behind which the connection is closed. A line that is no message is passed over, as the official program does: many
 * servers print a greeting.
 */
import { CodexdError } from '../../../errors/codexd-error.js';
import { isObject } from '../../../system/node/objects.js';
import type { JsonObject, ServerPipe, ServerTransport } from '../shape/connection.js';
import type { RequestId } from './messages.js';
import type { OpenRequests } from './open-requests.js';

/** In bytes: more than any client could be sent. */
const MAX_LINE = 64 * 1024 * 1024;

/** `open`: counts each request that is sent, and each answer. */
export function pipeTransport(
  pipe: ServerPipe,
  open: Pick<OpenRequests, 'sent' | 'answered' | 'forget'>,
  report: (message: string) => void,
): ServerTransport {
  let pieces: Buffer[] = [];
  let held = 0;
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    pieces = [];
    open.forget();
    transport.onclose?.();
  };
  const line = (bytes: Buffer): void => {
    const text = bytes.toString('utf8').trim();
    if (text === '') return;
    const message = messageOf(text);
    if (message === null) report(`passed over what is no message: ${text.slice(0, 200)}`);
    else {
      if (!('method' in message) && message.id !== undefined) open.answered(message.id as RequestId);
      transport.onmessage?.(message);
    }
  };
  const take = (piece: Buffer): void => {
    let rest = piece;
    for (let at = rest.indexOf(LINE_FEED); at >= 0 && !over; at = rest.indexOf(LINE_FEED)) {
      const whole = pieces.length === 0 ? rest.subarray(0, at) : Buffer.concat([...pieces, rest.subarray(0, at)]);
      pieces = [];
      held = 0;
      line(whole);
      rest = rest.subarray(at + 1);
    }
    if (over || rest.length === 0) return;
    pieces.push(rest);
    held += rest.length;
    if (held <= MAX_LINE) return;
    transport.onerror?.(new CodexdError('mcp.line-too-long', `the server wrote a line of more than ${MAX_LINE} bytes`));
    void transport.close();
  };
  const transport: ServerTransport = {
    start() {
      pipe.listen(take, end);
      return Promise.resolve();
    },
    send(message) {
      if ('method' in message && 'id' in message) open.sent(message.id as RequestId);
      return pipe.write(Buffer.from(`${JSON.stringify(message)}\n`));
    },
    async close() {
      end();
      await pipe.close();
    },
  };
  return transport;
}

const LINE_FEED = 0x0a;

/** Null: it is no message. Its form is the protocol's to check. */
function messageOf(text: string): JsonObject | null {
  if (!text.startsWith('{')) return null;
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? message : null;
  } catch {
    return null;
  }
}
