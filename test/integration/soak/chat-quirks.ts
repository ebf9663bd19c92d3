/** Answers on the wire of Chat Completions, right and wrong. */
import type { Random } from '../durability/work.js';
import { call, one, refusal, torn, type Answer } from './unruly-model.js';

const DONE = 'data: [DONE]\n\n';
const line = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: object, finish: string | null = null): string =>
  line({ id: 'chat', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
const usage = (total: number): string =>
  line({ choices: [], usage: { prompt_tokens: total - 5, completion_tokens: 5, total_tokens: total } });

export function chatAnswer(random: Random, calm: boolean): Answer {
  const text = `wörd-${random(1e6)} ✓`;
  const said = [chunk({ role: 'assistant', content: '' }), chunk({ content: text })];
  const whole = [...said, chunk({}, 'stop'), usage(20), DONE];
  const answer = (pieces: readonly (string | Buffer)[], end: Answer['end'] = 'properly'): Answer => ({ pieces, end });
  if (calm) return answer(whole);
  const [name, input] = call(random);
  const asText = typeof input === 'string' ? input : JSON.stringify(input);
  const made = { index: 0, id: `call_${random(1e9)}`, type: 'function', function: { name, arguments: asText } };
  const called = (...calls: readonly object[]): Answer =>
    answer([...calls.map((one) => chunk({ tool_calls: [one] })), chunk({}, 'tool_calls'), usage(20), DONE]);
  return one<() => Answer>(random, [
    () => answer(whole),
    () => called(made),
    () => called(made),
    () => called(made, { ...made, index: 1, id: 'call_b' }),
    () => called({ ...made, function: { name, arguments: input } }),
    () => called({ ...made, id: undefined }),
    () => called({ ...made, index: undefined }),
    () => called(made, { ...made, index: 1 }),
    () =>
      called(
        { ...made, function: { name, arguments: asText.slice(0, 5) } },
        { index: 0, function: { arguments: asText.slice(5) } },
      ),
    () => answer([chunk({ tool_calls: [made] }), DONE]),
    () => refusal(random),
    () => answer(said, 'reset'),
    () => answer(said),
    () => answer([...said, chunk({}, 'stop')]),
    () => answer([chunk({ tool_calls: [made] })], 'reset'),
    () => answer([], 'never'),
    () => answer(whole, 'never'),
    () => answer([chunk({}, 'stop'), DONE]),
    () => answer([...said, line({ error: { message: 'broken', code: 500 } })]),
    () => answer([line({ error: { message: 'maximum context length', code: 'context_length_exceeded' } })]),
    () => answer(['data: {"choices":\n\n', ': comment\n\n', line(null), line({ choices: null }), ...whole]),
    () => answer(whole.flatMap(torn)),
    () => answer([chunk({ content: 'x'.repeat(1_500_000) }), chunk({}, 'length'), DONE]),
    () => answer([...said, chunk({}, 'stop'), usage(90_000), DONE]),
    () => answer([chunk({ reasoning_content: 'thought' }), chunk({ reasoning: 7 }), ...whole]),
    () => answer([chunk({ content: null }), chunk({ content: [{ type: 'text', text }] }), chunk({}, 'stop'), DONE]),
  ])();
}
