/** The parts of the sandbox that touch Windows. */
import { helperCommand } from '../../../package/helper-command.js';
import { makePrivateFolder } from '../../../system/files/scratch.js';
import { processJobs } from '../../../system/programs/process-jobs.js';
import type { Sandbox } from '../../policy/sandbox.js';
import { applyAccess } from '../access-apply.js';
import { fileLists } from '../file-lists.js';
import type { WindowsIdentity } from '../identity.js';
import { proveWalls, type ProofOptions } from './proof.js';
import type { ProofResult } from './proofs.js';
import { readSetup, setupFolder, type SetupMarker } from '../setup-state.js';
import { wallsProblem, type Wall } from './walls.js';
import type { WindowsParts } from './windows-sandbox.js';

export const windowsParts = (codexHome: string): WindowsParts => ({
  launcher: helperCommand('sandbox-launcher'),
  readSetup: () => readSetup(codexHome),
  apply: (access, group) => {
    // The set-up made it, and closed it to the sandbox's users. The own token needs no set-up.
    if (group === null) makePrivateFolder(setupFolder(codexHome));
    return applyAccess(access, { codexHome, group, lists: fileLists });
  },
  prove: async (identity, setup, wrap) => proofResult(await proveHere(codexHome, identity, setup, wrap)),
});

/** The walls of one identity. Never throws. */
export async function proveHere(
  codexHome: string,
  identity: WindowsIdentity,
  setup: SetupMarker | null,
  wrap: Sandbox['wrap'],
  canary: ProofOptions['canary'] = helperCommand('sandbox-canary'),
): Promise<readonly Wall[]> {
  const lanePorts = setup?.lanePorts ?? [];
  return proveWalls({ identity, codexHome, lanePorts, wrap, canary, jobs: await processJobs() });
}

const FIX =
  'run `codexd windows-sandbox-setup` again, as an administrator; if that does not help, another program or this system does not enforce it: use WSL 2, or sandbox the commands yourself and say so (`externalSandbox`)';

export function proofResult(walls: readonly Wall[]): ProofResult {
  const problem = wallsProblem(walls);
  return problem === null ? { ok: true } : { ok: false, problem, fix: FIX };
}
