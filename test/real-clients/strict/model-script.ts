/** What the scripted model answers in the session: it decides by the word of the last message, `do: WORD`. */
import { event, items, say, type ModelRequestSeen, type Step } from '../../fixtures/model-server.js';
import type { Loose } from './checked-client.js';

/** A picture of one pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** `made`: how many calls of the turn have their output already, `output`: the last of them. */
type Answer = (turn: { readonly made: number; readonly output: string }) => Step;

const run = (cmd: string, more: object = {}): object => event.call('exec_command', { cmd, login: false, ...more });
const escalated = { sandbox_permissions: 'require_escalated', justification: 'to see' };
const patch = (body: string): object => event.custom('apply_patch', `*** Begin Patch\n${body}\n*** End Patch`);

/** These calls, then a word. */
const calls =
  (...all: readonly object[]): Answer =>
  ({ made }) =>
    made === 0 ? items(...all) : say('done');

const reasoning = (): Step => {
  const item = { type: 'reasoning', id: 'rs_1', encrypted_content: 'enc' };
  const summary = [{ type: 'summary_text', text: 'First thought' }];
  return [
    event.created(),
    event.added({ ...item, summary: [] }),
    { type: 'response.reasoning_summary_part.added', item_id: item.id, summary_index: 0 },
    { type: 'response.reasoning_summary_text.delta', delta: 'First thought', item_id: item.id, summary_index: 0 },
    { type: 'response.reasoning_text.delta', delta: 'raw', item_id: item.id, content_index: 0 },
    event.done({ ...item, summary, content: [{ type: 'reasoning_text', text: 'raw' }] }),
    event.done(event.message('ok')),
    event.completed(),
  ];
};

const PLAN = 'thinking\n<proposed_plan>\n# Plan\n- step one\n</proposed_plan>\nbye';
const QUESTION = {
  header: 'Which',
  id: 'which',
  question: 'Which one?',
  options: [
    { label: 'One', description: 'the first' },
    { label: 'Two', description: 'the second' },
  ],
};

/** `outside`: a folder that the workspace does not hold. */
export function modelScript(work: string, outside: string): (request: ModelRequestSeen) => Step {
  const answers: Readonly<Record<string, Answer>> = {
    reasoning,
    command: calls(run('echo out; echo err >&2; exit 3')),
    'command-accepted': calls(run('echo ran', escalated)),
    'command-declined': calls(run('echo never', escalated)),
    'command-canceled': calls(run('echo never', escalated)),
    terminal: ({ made, output }) => {
      if (made === 0) return items(run('cat; echo end', { yield_time_ms: 250, tty: true }));
      const session = Number(/session ID (\d+)/.exec(output)?.[1] ?? 0);
      return made === 1 ? items(event.call('write_stdin', { session_id: session, chars: 'hi\n\u0004' })) : say('done');
    },
    'left-running': calls(run('sleep 600', { yield_time_ms: 250 })),
    patch: calls(patch('*** Add File: made.txt\n+one\n+two')),
    'patch-again': calls(patch('*** Update File: made.txt\n@@\n one\n-two\n+three\n*** Add File: other.txt\n+x')),
    'patch-moved': calls(
      patch('*** Update File: other.txt\n*** Move to: moved.txt\n@@\n-x\n+y\n*** Delete File: made.txt'),
    ),
    'patch-broken': calls(patch('*** Update File: nowhere.txt\n@@\n-a\n+b')),
    'patch-accepted': calls(patch(`*** Add File: ${outside}/a.txt\n+one`)),
    'patch-declined': calls(patch(`*** Add File: ${outside}/b.txt\n+one`)),
    'mcp-call': calls({ ...event.call('echo', { text: 'hi' }), namespace: 'mcp__tools' }),
    'mcp-approval': calls({ ...event.call('change', {}), namespace: 'mcp__tools' }),
    'mcp-error': calls({ ...event.call('broken', {}), namespace: 'mcp__tools' }),
    'mcp-progress': calls({ ...event.call('slow', {}), namespace: 'mcp__tools' }),
    'auto-reviewed': calls(run('echo ran', escalated)),
    'mcp-form': calls({ ...event.call('form', {}), namespace: 'mcp__tools' }),
    'mcp-url': calls({ ...event.call('page', {}), namespace: 'mcp__tools' }),
    'web-search': () => [
      event.created(),
      event.added({ type: 'web_search_call', id: 'ws_1', status: 'in_progress' }),
      ...[
        { type: 'search', query: 'cats', queries: ['cats', 'dogs'] },
        { type: 'open_page', url: 'http://127.0.0.1/' },
        { type: 'find_in_page', url: 'http://127.0.0.1/', pattern: 'cat' },
      ].map((action, n) => event.done({ type: 'web_search_call', id: `ws_${n + 1}`, status: 'completed', action })),
      event.done(event.message('found')),
      event.completed(),
    ],
    'image-seen': calls(event.call('view_image', { path: `${work}/pixel.png` })),
    'image-made': () => [
      event.created(),
      event.done({
        type: 'image_generation_call',
        id: 'ig_1',
        status: 'completed',
        revised_prompt: 'a dot',
        result: PIXEL,
      }),
      event.done(event.message('drawn')),
      event.completed(),
    ],
    plan: calls(
      event.call('update_plan', {
        explanation: 'why',
        plan: [
          { step: 'one', status: 'in_progress' },
          { step: 'two', status: 'pending' },
        ],
      }),
    ),
    'plan-mode': () => say(PLAN),
    question: calls(event.call('request_user_input', { questions: [QUESTION] })),
    permissions: calls(
      event.call('request_permissions', { reason: 'to write', permissions: { file_system: { write: [outside] } } }),
    ),
    'dynamic-tool': calls(event.call('lookup', { word: 'x' })),
    'unknown-tool': calls(event.call('no_such_tool', {})),
    'many-commands': calls(run('echo 1'), run('echo 2'), run('ls')),
    steered: ({ made }) => (made === 0 ? items(run('sleep 2', { yield_time_ms: 5000 })) : say('done')),
    'to-interrupt': () => ({ events: [event.created()], hang: true }),
    'interrupt-command': calls(run('sleep 600', { yield_time_ms: 60_000 })),
    'http-error': () => ({ status: 400, body: { error: { message: 'no', type: 'invalid_request_error' } } }),
    'rate-limit': () => ({
      status: 429,
      body: { error: { message: 'slow', type: 'usage_limit_reached', resets_at: 1 } },
    }),
    'stream-failed': () => [event.created(), event.failed('server_is_overloaded', 'busy')],
    'stream-filtered': () => [event.created(), event.failed('cyber_policy', 'not this')],
    'stream-cut': () => ({
      events: [
        event.created(),
        event.added({ ...event.message('', 'msg_c'), content: [] }),
        event.text('par', 'msg_c'),
      ],
    }),
    'stream-incomplete': () => [
      event.created(),
      { type: 'response.incomplete', response: { id: 'r', incomplete_details: { reason: 'max_output_tokens' } } },
    ],
    commentary: ({ made }) =>
      made === 0
        ? items({ ...event.message('first a note'), phase: 'commentary' }, run('true'))
        : items({ ...event.message('the end'), phase: 'final_answer' }),
    schema: () => say('{"a":"1"}'),
  };
  return ({ url, body }) => {
    if (url.endsWith('/models')) return { status: 404, body: {} };
    const input = (body.input ?? []) as Loose[];
    const at = input.findLastIndex((item) => WORD.test(JSON.stringify(item.content ?? '')) && item.role === 'user');
    const last = input.at(-1);
    const asked = last?.role === 'user' && !WORD.test(JSON.stringify(last.content));
    if (at < 0 || asked) return say(REVIEW);
    const word = WORD.exec(JSON.stringify(input[at].content))?.[1] ?? '';
    const outputs = input.slice(at).filter(({ type }) => String(type).endsWith('_output'));
    const answer = answers[word];
    return answer === undefined
      ? say('hello')
      : answer({ made: outputs.length, output: JSON.stringify(outputs.at(-1)?.output ?? '') });
  };
}

const WORD = /"do: ([a-z-]+)"/;

const REVIEW = JSON.stringify({
  findings: [
    {
      title: 'Bug',
      body: 'Bad',
      confidence_score: 0.9,
      priority: 1,
      code_location: { absolute_file_path: '/f.txt', line_range: { start: 1, end: 2 } },
    },
  ],
  overall_correctness: 'patch is incorrect',
  overall_explanation: 'Because',
  overall_confidence_score: 0.8,
});
