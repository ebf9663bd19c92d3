/** Answers on the wire of the Responses API, right and wrong. */
import { event } from '../../fixtures/model-server.js';
import type { Random } from '../durability/work.js';
import { call, one, refusal, torn, type Answer } from './unruly-model.js';

const line = (data: object): string =>
  `event: ${(data as { type?: string }).type ?? ''}\ndata: ${JSON.stringify(data)}\n\n`;
const usage = (total: number): object => ({
  input_tokens: total - 5,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: total,
});
/** Beyond the limit of the configuration (soak.ts), so that a compaction follows. */
const OVERFLOW = 90_000;

export function responsesAnswer(random: Random, calm: boolean): Answer {
  const text = `wörd-${random(1e6)} ✓`;
  const message = event.message(text);
  const opened = [event.created(), event.added({ ...message, content: [] }), event.text(text, message.id)];
  const whole = [...opened, event.done(message), event.completed()].map(line);
  const answer = (pieces: readonly (string | Buffer)[], end: Answer['end'] = 'properly'): Answer => ({ pieces, end });
  if (calm) return answer(whole);
  const called = (...all: readonly object[]): Answer =>
    answer([event.created(), ...all.map((item) => event.done(item)), event.completed()].map(line));
  const [name, input] = call(random);
  const asText = typeof input === 'string' ? input : JSON.stringify(input);
  const made = event.call(name, asText);
  return one<() => Answer>(random, [
    () => answer(whole),
    () => called(made),
    () => called(made),
    () => called(made, event.call(...second(random))),
    () => called({ ...made, arguments: input }),
    () => called(made, made),
    () => called({ ...made, id: undefined, call_id: undefined }),
    () => called(event.custom('apply_patch', '*** Begin Patch\n*** Add File: a.txt\n+ä\n*** End Patch')),
    () => called(message, message),
    () => refusal(random),
    () => answer(opened.map(line), 'reset'),
    () => answer(opened.map(line)),
    () => answer([...opened, event.done(message)].map(line), 'reset'),
    () => answer([line(event.created())], 'never'),
    () => answer(whole, 'never'),
    () => answer([event.created(), event.completed()].map(line)),
    () => answer([event.created(), event.failed('server_error', 'broken')].map(line)),
    () => answer([...opened, event.failed('rate_limit_exceeded', 'try again in 0.1s')].map(line)),
    () => answer([event.created(), event.failed('context_length_exceeded', 'too long')].map(line)),
    () => answer([line(event.created()), 'data: {"type":\n\n', ': comment\n\n', 'event: x\n\n', ...whole]),
    () => answer([line({ type: 'response.unknown', a: [1] }), line({ nothing: 1 }), 'data: null\n\n', ...whole]),
    () => answer([line({ ...event.text('no such item', 'msg_x'), item_id: undefined }), ...whole]),
    () => answer(whole.flatMap(torn)),
    () =>
      answer(
        [...opened, event.text('x'.repeat(1_500_000), message.id), event.done(message), event.completed()].map(line),
      ),
    () => answer([...opened, event.done(message), event.completed(undefined, usage(OVERFLOW))].map(line)),
    () => answer([...reasoning(), ...opened, event.done(message), event.completed()].map(line)),
    () => answer([...reasoning().slice(0, 2), ...opened].map(line), 'reset'),
  ])();
}

const second = (random: Random): [string, string] => {
  const [name, input] = call(random);
  return [name, typeof input === 'string' ? input : JSON.stringify(input)];
};

function reasoning(): object[] {
  const item = { type: 'reasoning', id: 'rs_same', summary: [], encrypted_content: null };
  return [
    event.added(item),
    { type: 'response.reasoning_summary_part.added', item_id: 'rs_same', summary_index: 0 },
    { type: 'response.reasoning_summary_text.delta', item_id: 'rs_same', summary_index: 0, delta: 'thought' },
    event.done({ ...item, summary: [{ type: 'summary_text', text: 'thought' }] }),
  ];
}
