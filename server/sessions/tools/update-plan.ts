/** update_plan: the model's list of steps, shown to the person (docs/protocol/turns.md §4). */
import { tableAt } from '../../config/toml/value.js';
import { readArguments, readMembers } from '../tool-types/tool-arguments.js';
import { functionDefinition, oneOf, text } from '../tool-types/definition.js';
import type { Tool } from '../tool-types/tool.js';

const STATUSES = ['pending', 'in_progress', 'completed'] as const;
const WIRE = { pending: 'pending', in_progress: 'inProgress', completed: 'completed' } as const;

export const updatePlan: Tool = {
  name: 'update_plan',
  definition: ({ table }) =>
    tableAt(tableAt(table, 'tools'), 'update_plan').enabled === true
      ? functionDefinition(
          'update_plan',
          'Shows the person your plan: the steps, and how far each is. At most one step is in_progress.',
          {
            explanation: text('Why the plan changed, in a sentence.'),
            plan: {
              type: 'array',
              description: 'All steps, in order.',
              items: {
                type: 'object',
                properties: {
                  status: oneOf(STATUSES, 'How far the step is.'),
                  step: text('The step, in a few words.'),
                },
                required: ['step', 'status'],
                additionalProperties: false,
              },
            },
          },
          ['plan'],
        )
      : null,
  run(call, { thread, turn, responded }) {
    const { explanation, plan } = readArguments(call.input, {
      explanation: { kind: 'string' },
      plan: { kind: 'array', required: true },
    });
    const steps = plan.map((entry) => {
      const { step, status } = readMembers(entry, {
        step: { kind: 'string', required: true },
        status: { kind: { oneOf: STATUSES }, required: true },
      });
      return { step, status: WIRE[status] };
    });
    thread.events.notify('turn/plan/updated', { threadId: thread.id, turnId: turn.id, explanation, plan: steps });
    responded?.({ response: PLANNED });
    return PLANNED;
  },
};

const PLANNED = 'Plan updated';
