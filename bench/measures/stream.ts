import { timed, type Measure } from '../measure.js';
import { startAt } from '../targets.js';

const BYTES = 64 * 1024 * 1024;

/** Output of one command as `command/exec/outputDelta` notifications, up to the last byte and the response after it. */
export const stream: Measure = {
  name: 'stream',
  title: '64 MiB of output, streamed',
  unit: 'MiB/s',
  budget: { atLeast: 1 },
  rounds: 7,
  warmUp: 1,
  prepare: async (target) => {
    const { client, close } = await startAt(target, 'plain');
    let bytes = 0;
    client.onNotification('command/exec/outputDelta', ({ deltaBase64 }) => {
      bytes +=
        Math.floor((deltaBase64.length * 3) / 4) - (deltaBase64.endsWith('==') ? 2 : deltaBase64.endsWith('=') ? 1 : 0);
    });
    return {
      sample: async () => {
        bytes = 0;
        const ms = await timed(() =>
          client.request('command/exec', {
            command: ['head', '-c', String(BYTES), '/dev/zero'],
            processId: 'stream',
            streamStdoutStderr: true,
            disableOutputCap: true,
            timeoutMs: 60_000,
            sandboxPolicy: { type: 'dangerFullAccess' },
          }),
        );
        if (bytes !== BYTES) throw new Error(`${target.name}: ${bytes} of ${BYTES} bytes arrived`);
        return BYTES / 1024 / 1024 / (ms / 1000);
      },
      close,
    };
  },
};
