/** request_user_input: questions with options to the person, in plan mode (docs/protocol/turns.md §4). */
import { tableAt } from '../../config/toml/value.js';
import { RpcError } from '../../errors/rpc-error.js';
import { readArguments, readMembers } from '../tool-types/tool-arguments.js';
import { functionDefinition, text } from '../tool-types/definition.js';
import type { Tool } from '../tool-types/tool.js';

const option = {
  type: 'object',
  properties: {
    label: text('The choice, in a few words.'),
    description: text('What happens when it is chosen, in a sentence.'),
  },
  required: ['label', 'description'],
  additionalProperties: false,
} as const;

const question = {
  type: 'object',
  properties: {
    id: text('A name for the answer.'),
    header: text('A title of one or two words.'),
    question: text('The question, in a sentence.'),
    options: { type: 'array', description: 'Two or three choices that exclude each other.', items: option },
  },
  required: ['id', 'header', 'question', 'options'],
  additionalProperties: false,
} as const;

export const requestUserInput: Tool = {
  name: 'request_user_input',
  definition: ({ table }) =>
    tableAt(tableAt(table, 'tools'), 'experimental_request_user_input').enabled === false
      ? null
      : functionDefinition(
          'request_user_input',
          'Asks the person one to three short questions and waits for the answers. Only in Plan mode.',
          { questions: { type: 'array', description: 'The questions, in order.', items: question } },
          ['questions'],
        ),
  async run(call, { thread, turn, state, signal }) {
    const { questions: asked } = readArguments(call.input, { questions: { kind: 'array', required: true } });
    const questions = asked.map((entry) => {
      const { id, header, question, options } = readMembers(entry, {
        id: { kind: 'string', required: true },
        header: { kind: 'string', required: true },
        question: { kind: 'string', required: true },
        options: { kind: 'array' },
      });
      const choices = (options ?? []).map((choice) =>
        readMembers(choice, {
          label: { kind: 'string', required: true },
          description: { kind: 'string', required: true },
        }),
      );
      return { id, header, question, isOther: true, isSecret: false, options: choices };
    });
    const { mode } = state.wire.collaborationMode;
    if (mode !== 'plan') return 'request_user_input is unavailable in Default mode';
    if (questions.some(({ options }) => options.length === 0))
      return 'request_user_input requires non-empty options for every question';
    thread.flag('waitingOnUserInput', true);
    try {
      const { answers } = await thread.events.ask(
        'item/tool/requestUserInput',
        {
          threadId: thread.id,
          turnId: turn.id,
          itemId: call.callId,
          questions,
          isBlocking: true,
          autoResolutionMs: null,
        },
        signal,
      );
      return JSON.stringify({ answers });
    } catch (error) {
      // A client that cannot answer counts as an empty answer.
      if (error instanceof RpcError && !signal.aborted) return JSON.stringify({ answers: {} });
      throw error;
    } finally {
      thread.flag('waitingOnUserInput', false);
    }
  },
};
