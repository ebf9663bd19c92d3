import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model on loopback that responds at once with prepared bytes, so that the measure shows the program between. */
export interface Model {
  /** The value for `base_url`. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a measure looks at in a request. */
export interface ModelRequest {
  readonly tools: readonly { readonly name?: string }[];
}

/**
 * `answer`: the events for a request, by the last item of its input. The bytes are created once for each different
 * list.
 */
export async function startModel(
  answer: (lastItem: string, request: ModelRequest) => readonly object[],
): Promise<Model> {
  const made = new Map<readonly object[], Buffer>();
  const bytesOf = (events: readonly object[]): Buffer => {
    const known = made.get(events);
    if (known !== undefined) return known;
    const text = events.map(
      (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
    );
    const bytes = Buffer.from(text.join(''));
    made.set(events, bytes);
    return bytes;
  };
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { input, tools = [] } = JSON.parse(Buffer.concat(pieces).toString() || '{}') as Partial<ModelRequest> & {
        readonly input?: readonly object[];
      };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(bytesOf(answer(JSON.stringify(input?.at(-1) ?? null), { tools })));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const response = { id: 'resp_1' };
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
};
const message = (text: string): object => ({
  type: 'message',
  role: 'assistant',
  id: 'msg_1',
  content: text === '' ? [] : [{ type: 'output_text', text }],
});
const whole = (...events: readonly object[]): readonly object[] => [
  { type: 'response.created', response },
  ...events,
  { type: 'response.completed', response: { ...response, usage } },
];
const done = (item: object): object => ({ type: 'response.output_item.done', output_index: 0, item });

/** One message, sent in as many deltas as it has pieces. */
export const said = (pieces: readonly string[]): readonly object[] =>
  whole(
    { type: 'response.output_item.added', output_index: 0, item: message('') },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', item_id: 'msg_1', delta })),
    done(message(pieces.join(''))),
  );

/** Several commands in one response. */
export const commands = (cmds: readonly string[]): readonly object[] =>
  whole(
    ...cmds.map((cmd, n) =>
      done({
        type: 'function_call',
        id: `fc_${n}`,
        call_id: `call_${n}`,
        name: 'exec_command',
        arguments: JSON.stringify({ cmd }),
      }),
    ),
  );
