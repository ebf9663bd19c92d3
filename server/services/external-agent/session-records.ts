/** The records of a rollout file that say an imported session (docs/protocol/services.md §15). */
import type { NewRecord } from '../../sessions/store/records/rollout-record.js';
import type { SessionMessage } from './read-session.js';

const TURN = 'external-import-turn-';
/** How many bytes of text a token is about, for a thread whose tokens nobody has counted. */
const BYTES_A_TOKEN = 4;

/** The turns of a session: each begins with a message of the person. What comes before the first is left out. */
export function turnsOf(messages: readonly SessionMessage[]): readonly (readonly SessionMessage[])[] {
  const turns: SessionMessage[][] = [];
  for (const message of messages) {
    if (message.role === 'user') turns.push([message]);
    else turns.at(-1)?.push(message);
  }
  return turns;
}

/** The records of the turns from `from` on. The last one also says that the session was imported. */
export function sessionRecords(turns: readonly (readonly SessionMessage[])[], from: number): NewRecord[] {
  const tokens = Math.ceil(turns.flat().reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / BYTES_A_TOKEN);
  return turns.slice(from).flatMap((turn, at) => {
    const turnId = `${TURN}${from + at + 1}`;
    const last = from + at + 1 === turns.length;
    const started = seconds(turn[0]?.atMs);
    const ended = seconds(turn.at(-1)?.atMs);
    return [
      event({
        type: 'task_started',
        turn_id: turnId,
        started_at: started,
        model_context_window: null,
        collaboration_mode_kind: 'default',
      }),
      ...turn.flatMap(said),
      ...(last ? [agentSays('<EXTERNAL SESSION IMPORTED>'), tokenCount(tokens)] : []),
      event({
        type: 'task_complete',
        turn_id: turnId,
        last_agent_message: null,
        started_at: started,
        ...(last ? { completed_at: ended } : {}),
      }),
    ];
  });
}

const event = (payload: Readonly<Record<string, unknown>>): NewRecord => ({ type: 'event_msg', payload });
const agentSays = (message: string): NewRecord =>
  event({ type: 'agent_message', message, phase: null, memory_citation: null });

function said({ role, text }: SessionMessage): NewRecord[] {
  const type = role === 'user' ? 'input_text' : 'output_text';
  return [
    role === 'user'
      ? event({ type: 'user_message', message: text, local_images: [], local_audio: [], text_elements: [] })
      : agentSays(text),
    { type: 'response_item', payload: { type: 'message', role, content: [{ type, text }] } },
  ];
}

function tokenCount(total: number): NewRecord {
  const usage = {
    input_tokens: 0,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: 0,
    reasoning_output_tokens: 0,
    total_tokens: total,
  };
  return event({
    type: 'token_count',
    info: { total_token_usage: usage, last_token_usage: usage, model_context_window: null },
    rate_limits: null,
  });
}

const seconds = (ms: number | null | undefined): number => Math.floor((ms ?? Date.now()) / 1000);
