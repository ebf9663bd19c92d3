import { timed, type Measure } from '../measure.js';
import { startAt } from '../targets.js';

const WORKERS = 16;
const COMMANDS_EACH = 8;

/** Read-only commands of sixteen clients at the same time. */
export const parallelExec: Measure = {
  name: 'exec-parallel',
  title: `exec, read-only, ${WORKERS} at once`,
  unit: 'exec/s',
  budget: { atLeast: 3 },
  rounds: 7,
  warmUp: 1,
  prepare: async (target) => {
    const { client, close } = await startAt(target, 'plain');
    const worker = async (): Promise<void> => {
      for (let i = 0; i < COMMANDS_EACH; i++) {
        const { exitCode, stderr } = await client.request('command/exec', {
          command: ['true'],
          sandboxPolicy: { type: 'readOnly' },
          timeoutMs: 60_000,
        });
        if (exitCode !== 0) throw new Error(`${target.name}: \`true\` ended with ${exitCode}: ${stderr}`);
      }
    };
    return {
      sample: async () => {
        const ms = await timed(() => Promise.all(Array.from({ length: WORKERS }, worker)));
        return ((WORKERS * COMMANDS_EACH) / ms) * 1000;
      },
      close,
    };
  },
};
