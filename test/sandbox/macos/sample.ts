/** A plan as a Mac has it, and what must hold for its policy under every reading. */
import type { Test } from 'tap';
import { seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { PlannedMount, SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { evaluate, READINGS, type Policy } from './evaluator.js';

const MOUNTS: readonly PlannedMount[] = [
  { kind: 'privateFolder', path: '/Users/u/.codex', listable: true },
  { kind: 'readable', path: '/Users/u/.codex/config.toml' },
  { kind: 'writable', path: '/Users/u/w' },
  { kind: 'empty', path: '/Users/u/w/.agents' },
  { kind: 'readable', path: '/Users/u/w/.git' },
  { kind: 'writable', path: '/Users/u/w/sub' },
  { kind: 'readable', path: '/Users/u/w/sub/.git' },
  { kind: 'hidden', path: '/Users/u/w/a "quoted" \\ name', of: 'file' },
  { kind: 'writable', path: '/private/tmp' },
];

export const samplePlan = (
  mounts: readonly PlannedMount[] = MOUNTS,
  base: SandboxPlan['base'] = 'readable',
): SandboxPlan => ({
  base,
  mounts,
  placeholders: ['/Users/u/w/.agents'],
  workingFolder: '/Users/u/w',
  writable: [],
  unwanted: ['/Users/u/w/sub/.git/commondir'],
  sees: () => true,
});

export function inAll(
  t: Test,
  what: string,
  wanted: boolean,
  ask: (policy: Policy, reading: (typeof READINGS)[number]) => boolean,
  text = seatbeltPolicy(samplePlan(), { network: { kind: 'offline' }, mark: null }),
): void {
  const wrong = READINGS.filter((reading) => ask(evaluate(text, reading), reading) !== wanted);
  t.strictSame(wrong.slice(0, 1), [], `${what}: ${wanted ? 'yes' : 'no'}`);
}
