/**
 * Finds out whether this Mac enforces the policy: canaries try every wall from inside, at the first use.
 *
 * Rule: the sandbox is available only after every wall has held. One that leaks, and one whose outcome says nothing,
 * makes it unavailable, by name. Nothing is remembered across starts, because the system may be updated between them.
 */
import { nodeTextCommand } from '../../package/own-node.js';
import type { ProgramResult } from '../../system/programs/start-program.js';
import { CANARY_SCRIPT } from './canary-script.js';
import { seatbeltPolicy } from './seatbelt.js';
import { scenePlan, wallsOf, type Scene, type Wall } from './walls.js';

export interface ProvedWall {
  readonly name: string;
  /** `unreadable`: what came of it shows neither. */
  readonly verdict: 'held' | 'leaked' | 'unreadable';
  /** `done`, or the code of the error. */
  readonly seen: string;
}

export type Proof =
  | { readonly ran: true; readonly walls: readonly ProvedWall[] }
  /** A canary did not run, or did not answer. */
  | { readonly ran: false; readonly failure: ProgramResult };

/** Runs a command under a policy, to its end. */
export type RunUnder = (policy: string, command: readonly string[]) => Promise<ProgramResult>;

export async function proveSeatbelt(scene: Scene, run: RunUnder): Promise<Proof> {
  const all = wallsOf(scene);
  const proved: ProvedWall[] = [];
  for (const where of ['offline', 'lane'] as const) {
    const walls = all.filter((wall) => wall.in === where);
    const network = where === 'lane' ? { kind: where, ports: [scene.lanePort] } : { kind: where };
    const policy = seatbeltPolicy(scenePlan(scene.folder), { network, mark: null });
    const acts = JSON.stringify(walls.map(({ act }) => act));
    const result = await run(policy, nodeTextCommand(CANARY_SCRIPT, [acts]));
    const outcomes = result.error === null ? outcomesIn(result.stdout) : null;
    if (outcomes?.length !== walls.length) return { ran: false, failure: result };
    for (const [at, wall] of walls.entries()) proved.push(judge(wall, outcomes[at] ?? ''));
  }
  return { ran: true, walls: proved };
}

function outcomesIn(text: string): readonly string[] | null {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) && found.every((one) => typeof one === 'string') ? found : null;
  } catch {
    return null;
  }
}

/** What the kernel answers for the policy (sandbox(7)). */
const REFUSED: ReadonlySet<string> = new Set(['EPERM', 'EACCES']);
/** An answer from the other side of a wall. */
const THROUGH: ReadonlySet<string> = new Set(['done', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EEXIST']);

function judge({ name, allowed, also = [] }: Wall, seen: string): ProvedWall {
  const refused = REFUSED.has(seen) || also.includes(seen);
  if (allowed) return { name, seen, verdict: seen === 'done' ? 'held' : 'unreadable' };
  return { name, seen, verdict: refused ? 'held' : THROUGH.has(seen) ? 'leaked' : 'unreadable' };
}
