/** Commands in lanes for `transparent_tcp`, on the path of every command; their names lead to this loopback. */
import type { Test } from 'tap';
import { createSupervisor } from '../../server/exec/supervisor.js';
import { READ_ONLY } from '../../server/config/permissions/permission-profile.js';
import { silentLogger } from '../../server/log/log.js';
import { createNetworkApproval } from '../../server/network-approval/approval-service.js';
import { createDecisionLog } from '../../server/network-approval/audit/decision-log.js';
import { createAsk } from '../../server/network-approval/prompts/ask.js';
import { turnDecisions } from '../../server/network-approval/prompts/offers.js';
import type { NetworkDenial } from '../../server/network-approval/registration/denial.js';
import type { Decision, Prompter } from '../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../server/network-approval/registration/session-memory.js';
import { createSandbox } from '../../server/sandbox/create-sandbox.js';
import { NO_REQUIREMENTS } from '../exec/support/fakes.js';
import { script } from '../exec/support/spec.js';
import { scratchFolder } from '../network-approval/support/certificates.js';
import { policyOf } from '../network-approval/support/policy.js';

/** What rules say of these names; for `ask.test` there is none. */
export const HOSTS = { allowed: 'allowed.test', denied: 'denied.test', asked: 'ask.test' } as const;

export interface Ran {
  /** Both streams. */
  readonly output: string;
  readonly exitCode: number;
  /** `timeout`: it hung. */
  readonly cause: string;
  readonly denial: NetworkDenial | null;
}

export interface RunOptions {
  readonly onDenial?: 'cancel' | 'refuse';
  /** The person's answer to a prompt. Absent: nobody is asked. */
  readonly answer?: Decision;
  /** Called with the host of each prompt. */
  readonly onPrompt?: (host: string) => void;
  /** False: names that lead to this machine are refused. */
  readonly local?: boolean;
}

/** A command that takes longer hangs. */
const LIMIT_MS = 60_000;

/** Every name below `.test` is 127.0.0.1 for the policy. */
export function transparentCommands(t: Test): (line: string, options?: RunOptions) => Promise<Ran> {
  const log = silentLogger;
  const sandbox = createSandbox({ codexHome: scratchFolder(t), log });
  const approvals = createNetworkApproval({
    log,
    decisionLog: createDecisionLog(),
    sandbox,
    ask: createAsk({ log, rules: { appendNetworkRule: async () => {} } }),
    resolver: {
      lookup: async (name) => {
        if (!name.endsWith('.test')) throw new Error('ENOTFOUND');
        return ['127.0.0.1'];
      },
    },
  });
  const supervisor = createSupervisor({ sandbox, approvals, requirements: NO_REQUIREMENTS, log });
  t.teardown(async () => {
    await supervisor.close();
    await approvals.close();
  });
  return async (line, { onDenial = 'cancel', answer, onPrompt, local = true } = {}) => {
    const policy = policyOf(
      { [HOSTS.allowed]: 'allow', [HOSTS.denied]: 'deny' },
      { allowLocalBinding: local, transparentTcp: true },
    );
    const spec = script(line, {
      argv: ['bash', '--norc', '-c', line],
      permissions: {
        profile: { ...READ_ONLY, id: null, networkEnabled: true },
        workspaceRoots: [],
        network: { kind: 'proxied', policy },
        onNetworkDenial: onDenial,
      },
      timeoutMs: LIMIT_MS,
      prompter: answer === undefined ? null : prompter(answer, onPrompt),
    });
    const command = await supervisor.start(spec);
    const { exitCode, cause, denial } = await command.ended;
    return { output: spec.stdout.finish() + spec.stderr.finish(), exitCode, cause, denial };
  };
}

const prompter = (answer: Decision, onPrompt: RunOptions['onPrompt']): Prompter => ({
  memory: createSessionMemory(),
  offers: turnDecisions,
  ask: async ({ host }) => {
    onPrompt?.(host);
    return answer;
  },
});
