// Fills a Codex home with threads, for benchmarks and load tests:
//
//   node scripts/generate-threads.mjs HOME --threads 10000 [--turns 1] [--mode paginated|legacy] [--days 30]
//   node scripts/generate-threads.mjs HOME --threads 1 --turns 3000 --megabytes 60
//
// Every file is one that the official program would read too (docs/protocol/threads.md §12.3). The same arguments make
// the same threads, except for the times they are dated back from (--now, milliseconds since the epoch).
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {[type: string, payload: object]} Line
 * @typedef {object} Options
 * @property {number} [threads]
 * @property {number} [turns]
 * @property {string} [mode] `paginated` or `legacy`
 * @property {number} [days] over which the threads are spread
 * @property {number} [megabytes]
 * @property {number} [now] in ms
 * @property {string} [provider]
 * @property {string} [cwd]
 */

const DAY_MS = 24 * 3600 * 1000;
/** The length of the base instructions in the official program's session_meta, in characters. */
const INSTRUCTIONS = 20_000;

/**
 * Writes the threads and returns their ids, oldest first. `megabytes`: the size of each file; command output
 * (paginated) or long answers (legacy) fill it.
 * @param {string} home
 * @param {Options} [options]
 */
export function generateThreads(home, options = {}) {
  const { threads = 1, turns = 1, mode = 'paginated', days = 30, megabytes = 0, now = Date.now() } = options;
  const { provider = 'mock', cwd = '/work' } = options;
  const ids = [];
  for (let n = 0; n < threads; n++) {
    const createdMs = now - Math.floor(((threads - n) / threads) * days * DAY_MS);
    const id = uuid7(createdMs, n);
    const created = new Date(createdMs);
    /** @param {number} value */
    const two = (value) => String(value).padStart(2, '0');
    const day = [created.getFullYear(), two(created.getMonth() + 1), two(created.getDate())];
    const time = [created.getHours(), created.getMinutes(), created.getSeconds()].map(two).join('-');
    const folder = path.join(home, 'sessions', ...day.map(String));
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, `rollout-${day.join('-')}T${time}-${id}.jsonl`);
    writeThread(file, { id, n, created, turns, mode, bytes: megabytes * 1024 * 1024, provider, cwd });
    fs.utimesSync(file, created, created);
    ids.push(id);
  }
  return ids;
}

/**
 * @param {string} file
 * @param {Omit<Required<Options>, 'threads' | 'days' | 'megabytes' | 'now'>
 *   & { id: string, n: number, created: Date, bytes: number }} options
 */
function writeThread(file, { id, n, created, turns, mode, bytes, provider, cwd }) {
  const fd = fs.openSync(file, 'w', 0o600);
  const timestamp = created.toISOString();
  let ordinal = 0;
  /** @param {Line[]} lines */
  const write = (lines) =>
    fs.writeSync(
      fd,
      lines
        .map((/** @type {Line} */ [type, payload]) =>
          JSON.stringify({ timestamp, ...(mode === 'paginated' ? { ordinal: ordinal++ } : {}), type, payload }),
        )
        .join('\n') + '\n',
    );
  write([
    [
      'session_meta',
      {
        session_id: id,
        id,
        timestamp,
        cwd,
        originator: 'generator',
        cli_version: '0.169.0',
        source: 'vscode',
        model_provider: provider,
        base_instructions: { text: 'Be of help.\n'.repeat(INSTRUCTIONS / 12) },
        history_mode: mode,
      },
    ],
  ]);
  const padding = Math.max(0, Math.floor(bytes / turns) - 2200);
  for (let k = 0; k < turns; k++)
    write(turn({ id, n, k, mode, padding, seconds: Math.floor(created.getTime() / 1000) + k }));
  fs.closeSync(fd);
}

/**
 * The records of one turn.
 * @param {{ id: string, n: number, k: number, mode: string, padding: number, seconds: number }} options
 * @returns {Line[]}
 */
function turn({ id, n, k, mode, padding, seconds }) {
  const turnId = uuid7(seconds * 1000, n * 7919 + k);
  const question = `question ${k} of thread ${n}: what is ${n} plus ${k}?`;
  const answer = `answer ${k} of thread ${n}: it is ${n + k}.`;
  /** @type {(payload: object) => Line} */
  const event = (payload) => ['event_msg', payload];
  /** @param {object} recorded */
  const item = (recorded) =>
    event({
      type: 'item_completed',
      thread_id: id,
      turn_id: turnId,
      item: recorded,
      started_at_ms: seconds * 1000,
      completed_at_ms: seconds * 1000,
    });
  /** @type {(role: string, type: string, text: string) => Line} */
  const message = (role, type, text) => ['response_item', { type: 'message', role, content: [{ type, text }] }];
  const output = 'a line of output that a command has written\n'
    .repeat(Math.ceil(padding / 2 / 44))
    .slice(0, padding / 2);
  const callId = `call_${n}_${k}`;
  /** @type {[Line, Line]} */
  const call = [
    ['response_item', { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"make"}', call_id: callId }],
    ['response_item', { type: 'function_call_output', call_id: callId, output }],
  ];
  const begin = event({ type: 'task_started', turn_id: turnId, started_at: seconds, model_context_window: 258400 });
  const end = event({
    type: 'task_complete',
    turn_id: turnId,
    last_agent_message: answer,
    completed_at: seconds + 1,
    duration_ms: 1000,
  });
  if (mode === 'legacy') {
    return [
      begin,
      message('user', 'input_text', question),
      event({ type: 'user_message', message: question }),
      ...(padding > 0 ? [...call, event({ type: 'agent_reasoning', text: output })] : []),
      message('assistant', 'output_text', answer),
      event({ type: 'agent_message', message: answer }),
      end,
    ];
  }
  const command = {
    type: 'CommandExecution',
    id: callId,
    command: ['/bin/bash', '-lc', 'make'],
    cwd: 'file:///work',
    parsed_cmd: [{ type: 'unknown', cmd: 'make' }],
    source: 'unified_exec_startup',
    status: 'completed',
    aggregated_output: output,
    exit_code: 0,
    duration: { secs: 1, nanos: 0 },
  };
  return [
    begin,
    message('user', 'input_text', question),
    item({ type: 'UserMessage', id: `u_${n}_${k}`, content: [{ type: 'text', text: question, text_elements: [] }] }),
    ...(padding > 0 ? [call[0], item(command), call[1]] : []),
    item({ type: 'AgentMessage', id: `a_${n}_${k}`, content: [{ type: 'Text', text: answer }] }),
    message('assistant', 'output_text', answer),
    end,
  ];
}

/**
 * A UUIDv7 of a time and a number.
 * @param {number} ms
 * @param {number} n
 */
function uuid7(ms, n) {
  const time = Math.floor(ms).toString(16).padStart(12, '0');
  const rest = n.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-0${rest.slice(4)}`.slice(
    0,
    36,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [home, ...rest] = process.argv.slice(2);
  if (home === undefined || home.startsWith('--')) {
    process.stderr.write('usage: node scripts/generate-threads.mjs HOME [--threads N] [--turns N] [--mode M] …\n');
    process.exit(2);
  }
  /** @type {Record<string, string | number>} */
  const options = {};
  for (let i = 0; i < rest.length; i += 2) {
    const name = rest[i].replace(/^--/, '');
    options[name] = /^\d+(\.\d+)?$/.test(rest[i + 1] ?? '') ? Number(rest[i + 1]) : rest[i + 1];
  }
  const ids = generateThreads(path.resolve(home), options);
  process.stdout.write(`${ids.length} threads; the last is ${ids.at(-1)}\n`);
}
