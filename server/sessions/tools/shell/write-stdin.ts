/** write_stdin: writes to a running command, or polls it (docs/protocol/turns.md §4 "Sessions"). */
import { readArguments } from '../../tool-types/tool-arguments.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import { functionDefinition, number, text } from '../../tool-types/definition.js';
import type { Tool } from '../../tool-types/tool.js';
import { hasShell } from './exec-command-arguments.js';
import { outputBudget, report } from './session-report.js';
import { budgetOf } from '../../shell/model-output.js';

/** In milliseconds. */
const WRITE_YIELD = { usual: 250, least: 250, most: 30_000 };
const POLL_YIELD = { usual: 5_000, least: 5_000, most: 300_000 };

export function writeStdin(modelInfo: ModelInfoOf): Tool {
  return {
    name: 'write_stdin',
    definition: (state) =>
      !hasShell(state, modelInfo)
        ? null
        : functionDefinition(
            'write_stdin',
            'Writes to a command that runs in the background and returns what it wrote since; without characters it only waits for output or the end.',
            {
              chars: text('What to write; leave it out to poll. \\u0003 is Ctrl-C.'),
              max_output_tokens: number('How much of the output you want at most, in tokens.'),
              session_id: number('The session ID that exec_command gave.'),
              yield_time_ms: number('How long to wait for output.'),
            },
            ['session_id'],
          ),
    // Hooks learn of the command with the call that started it.
    hooked: () => null,
    async run(call, context) {
      const { thread, turn, state, signal } = context;
      const args = readArguments(call.input, {
        session_id: { kind: 'number', required: true },
        chars: { kind: 'string' },
        max_output_tokens: { kind: 'number' },
        yield_time_ms: { kind: 'number' },
      });
      const { execSessions } = thread.runtime;
      const session = execSessions.get(args.session_id);
      if (session === null) return `write_stdin failed: Unknown process id ${args.session_id}`;
      const chars = args.chars ?? '';
      const tellWritten = (): void =>
        thread.events.notify('item/commandExecution/terminalInteraction', {
          threadId: thread.id,
          turnId: turn.id,
          itemId: session.itemId,
          processId: String(session.id),
          stdin: chars,
        });
      if (chars !== '') {
        if (!session.tty)
          return 'write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open';
        await session.write(chars);
        tellWritten();
      }
      const { usual, least, most } = chars === '' ? POLL_YIELD : WRITE_YIELD;
      const ms = Math.min(Math.max(args.yield_time_ms ?? usual, least), most);
      await session.wait(ms, signal, { untilOutput: chars === '' });
      if (chars === '' && session.end === null) tellWritten();
      if (session.end !== null) execSessions.forget(session.id);
      return report(session, budgetOf(outputBudget(state, modelInfo), args.max_output_tokens), 'write_stdin', context);
    },
  };
}
