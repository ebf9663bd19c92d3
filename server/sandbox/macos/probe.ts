/** Determines, once, whether this Mac can sandbox a command, and otherwise the reason and the remedy. */
import os from 'node:os';
import { messageOf } from '../../errors/message-of.js';
import { makePrivateFolder } from '../../system/files/scratch.js';
import { isTransient, osTroubleText, PASSES } from '../../system/node/os-errors.js';
import { runProgram, type ProgramResult } from '../../system/programs/start-program.js';
import { systemProgram, SystemProgramError, type TrustedProgram } from '../../system/programs/system-program.js';
import type { SandboxStatus } from '../policy/sandbox.js';
import { withScene } from './proof-scene.js';
import { proveSeatbelt, type ProvedWall } from './proof.js';

/** For tests: another program in the place of sandbox-exec(1). */
export interface ProbeTools {
  find(): TrustedProgram;
  run(program: TrustedProgram, args: readonly string[]): Promise<ProgramResult>;
}

/** All canaries of one policy, of which those of the network may wait. */
const PROOF_TIMEOUT_MS = 60_000;

const SYSTEM: ProbeTools = {
  find: () => systemProgram('sandbox-exec'),
  run: (program, args) => runProgram(program, args, PROOF_TIMEOUT_MS),
};

/** `folder`: the daemon's own, made if it is missing. Never throws. */
export async function probeSeatbelt(folder: string, tools: ProbeTools = SYSTEM): Promise<SandboxStatus> {
  let program: TrustedProgram;
  try {
    program = tools.find();
  } catch (error) {
    if (error instanceof SystemProgramError) return unavailable(error.reason, error.fix);
    throw error;
  }
  try {
    makePrivateFolder(folder);
    const proof = await withScene(folder, (scene) =>
      proveSeatbelt(scene, (policy, command) => tools.run(program, ['-p', policy, '--', ...command])),
    );
    if (!proof.ran) return notRun(proof.failure);
    const open = proof.walls.filter(({ verdict }) => verdict !== 'held');
    if (open.length > 0) return unavailable(`this Mac does not hold what codexd asks of it: ${named(open)}`, REPORT);
    const walls = proof.walls.map(({ name }) => name);
    return { available: true, kind: 'seatbelt', program, version: os.release(), walls };
  } catch (error) {
    if (isTransient(error)) return unavailable(osTroubleText(error) ?? messageOf(error), PASSES);
    return unavailable(`the canaries of the sandbox cannot be made: ${messageOf(error)}`, `make ${folder} usable`);
  }
}

const unavailable = (reason: string, fix: string): SandboxStatus => ({ available: false, reason, fix });

const OUTSIDE =
  'sandbox the commands yourself and say so (`externalSandbox`), or run codexd on Linux (a virtual machine, a container)';
const REPORT = `report this with the version of macOS; until then, ${OUTSIDE}`;

const named = (walls: readonly ProvedWall[]): string =>
  walls
    .map(({ name, verdict, seen }) => `"${name}" ${verdict === 'leaked' ? 'leaked' : 'cannot be read'} (${seen})`)
    .join(', ');

/** What sandbox-exec(1) ends with if the policy is not accepted, and if it cannot be applied. */
const [BAD_POLICY, NOT_APPLIED] = [65, 71];

function notRun({ error, stderr }: ProgramResult): SandboxStatus {
  const said = `sandbox-exec said: ${stderr.trim().split('\n').slice(-3).join(' / ') || (error?.message ?? 'nothing')}`;
  if (error?.code === NOT_APPLIED)
    return unavailable(
      `codexd runs in a sandbox itself, and macOS puts none into another (${said})`,
      'start codexd outside of that sandbox, or let it be the sandbox of the commands: `externalSandbox`',
    );
  if (error?.code === BAD_POLICY) return unavailable(`this macOS does not take the policy of codexd (${said})`, REPORT);
  return unavailable(`the canaries of the sandbox gave no answer (${said})`, REPORT);
}
