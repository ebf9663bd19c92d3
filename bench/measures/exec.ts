import { timed, type Measure } from '../measure.js';
import { startAt, type Configuration } from '../targets.js';

type Policy = { readonly type: 'readOnly' | 'workspaceWrite' | 'dangerFullAccess' } | null;

/** One `command/exec` of `true`, from request to response, one after the other. */
function exec(name: string, title: string, budget: number, policy: Policy, configuration: Configuration): Measure {
  return {
    name,
    title,
    unit: 'ms',
    budget: { atMost: budget },
    rounds: 40,
    warmUp: 4,
    prepare: async (target) => {
      const { client, close } = await startAt(target, configuration);
      const run = async (): Promise<void> => {
        const { exitCode, stderr } = await client.request('command/exec', {
          command: ['true'],
          ...(policy ? { sandboxPolicy: policy } : {}),
        });
        if (exitCode !== 0) throw new Error(`${target.name}: \`true\` ended with ${exitCode}: ${stderr}`);
      };
      return { sample: () => timed(run), close };
    },
  };
}

export const readOnlyExec = exec('exec-read-only', 'exec, read-only', 0.3, { type: 'readOnly' }, 'plain');
export const workspaceWriteExec = exec(
  'exec-workspace-write',
  'exec, workspace-write',
  0.3,
  { type: 'workspaceWrite' },
  'plain',
);
/** With a lane for every command, and the proxy behind it. */
export const proxiedExec = exec('exec-proxied', 'exec, proxied', 0.3, null, 'proxied');
export const unsandboxedExec = exec('exec-unsandboxed', 'exec, no sandbox', 1, { type: 'dangerFullAccess' }, 'plain');
