/**
 * `notify = ["prog", "arg"]`: a program of the user that receives the end of each turn (docs/protocol/turns.md §11).
 */
import { describe } from '../../errors/describe.js';
import { defined } from '../../exec/start/command-environment.js';
import { UNRESTRICTED } from '../../exec/start/permissions.js';
import type { Supervisor } from '../../exec/supervisor.js';
import { isList } from '../../config/toml/value.js';
import type { Logger } from '../../log/log.js';
import type { LiveThread, LiveTurn } from '../live/live-thread.js';
import { notifyArgument } from './notify-argument.js';

export interface NotifyProgramOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's environment: the program runs as if the user had started it. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

/** In milliseconds: the program is killed after this time. */
const LIMIT_MS = 60_000;

/** Runs the program, if there is one. Never rejects: failures are logged. */
export async function notifyProgram(
  { supervisor, env, log }: NotifyProgramOptions,
  thread: LiveThread,
  turn: LiveTurn,
  client: string,
): Promise<void> {
  const { table, wire } = thread.state;
  const words = isList(table.notify) ? table.notify.filter((word): word is string => typeof word === 'string') : [];
  if (words.length === 0) return;
  const { items } = turn.snapshot('full');
  const answer = items.findLast(({ type }) => type === 'agentMessage');
  const payload = {
    type: 'agent-turn-complete',
    'thread-id': thread.id,
    'turn-id': turn.id,
    cwd: wire.cwd,
    client,
    'input-messages': items.flatMap((item) =>
      item.type === 'userMessage'
        ? [item.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')]
        : [],
    ),
    'last-assistant-message': answer?.type === 'agentMessage' ? answer.text : null,
  };
  try {
    const running = await (
      await supervisor()
    ).start({
      argv: [...words, notifyArgument(payload)],
      cwd: wire.cwd,
      env: defined(env),
      permissions: UNRESTRICTED,
      io: { kind: 'pipes', stdin: false },
      timeoutMs: LIMIT_MS,
      owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: null },
      prompter: null,
      gone: new AbortController().signal,
      stdout: DISCARDING_SINK,
      stderr: DISCARDING_SINK,
    });
    const { exitCode } = await running.ended;
    if (exitCode !== 0) log.warn(`the notify program ${words[0]} ended with ${exitCode}`);
  } catch (error) {
    log.warn(...describe(`the notify program ${words[0]} cannot be run`, error));
  }
}

const DISCARDING_SINK = { full: true, push: () => undefined } as const;
