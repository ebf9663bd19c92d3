/** `codexd doctor`: checks everything that codexd needs, and reports a remedy for what is missing. */
import { closeInherited } from '../exec/process/inherited-descriptors.js';
import type { CommandLineConfig } from '../config/layers/overrides.js';
import { configCheck } from './checks/config.js';
import { daemonsCheck } from './checks/daemons.js';
import { homesCheck } from './checks/homes.js';
import { installationCheck } from './checks/installation.js';
import { kernelCheck } from './checks/kernel.js';
import { limitsCheck } from './checks/limits.js';
import { locksCheck } from './checks/locks.js';
import { modelCheck } from './checks/model.js';
import { nodeCheck } from './checks/node.js';
import { sandboxCheck } from './checks/sandbox.js';
import { createContext } from './findings/context.js';
import { hasFailed, jsonReport, textReport } from './report.js';
import { runChecks, type Check } from './findings/run-checks.js';

export interface DoctorRun {
  readonly json: boolean;
  readonly summary: boolean;
  readonly network: boolean;
  readonly commandLine: CommandLineConfig;
}

export const CHECKS: readonly Check[] = [
  nodeCheck,
  installationCheck,
  sandboxCheck,
  kernelCheck,
  homesCheck,
  locksCheck,
  configCheck,
  modelCheck,
  daemonsCheck,
  limitsCheck,
];

/**
 * Returns the text for standard output and the exit code: 1 when any check failed. Never rejects because of a finding.
 */
export async function runDoctor(run: DoctorRun): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> {
  closeInherited();
  const context = await createContext({ env: process.env, network: run.network, commandLine: run.commandLine });
  const results = await runChecks(CHECKS, context);
  return {
    text: run.json ? jsonReport(results) : textReport(results, { summary: run.summary }),
    exitCode: hasFailed(results) ? 1 : 0,
  };
}
