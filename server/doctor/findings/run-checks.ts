/**
 * Runs checks in parallel, each with a time limit.
 *
 * Rule: a check that fails or hangs gives a finding and does not affect the other checks. A check must end everything
 * that it started when its signal aborts, which happens at its limit.
 */
import { messageOf } from '../../errors/message-of.js';
import type { DoctorContext } from './context.js';
import { inTime } from './in-time.js';
import { fail, skipped, type Finding } from './finding.js';

export interface Check {
  /** The family of its findings. */
  readonly id: string;
  /** A heading for people. */
  readonly title: string;
  readonly limitMs: number;
  /** The check reads the Codex home, and would wait forever when the home does not answer. */
  readonly needsHome?: true;
  run(context: DoctorContext, signal: AbortSignal): readonly Finding[] | Promise<readonly Finding[]>;
}

export interface CheckResult {
  readonly check: Check;
  readonly findings: readonly Finding[];
}

/** In the order of `checks`. Never rejects. */
export const runChecks = (checks: readonly Check[], context: DoctorContext): Promise<readonly CheckResult[]> =>
  Promise.all(checks.map(async (check) => ({ check, findings: await runCheck(check, context) })));

/** The time that an aborted check may still take, in milliseconds. */
const GRACE_MS = 3000;

async function runCheck(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  const { id, title, limitMs } = check;
  if (check.needsHome && context.home.state === 'hangs') {
    return [skipped(`${id}.skipped`, `${title}: not looked at`, 'the Codex home does not answer')];
  }
  const ended = new AbortController();
  const broke = (error: unknown): readonly Finding[] => [
    fail(`${id}.broke`, `${title}: the check itself failed`, REPORT, messageOf(error)),
  ];
  // `run` may also throw before its first await.
  const running = Promise.resolve()
    .then(() => check.run(context, ended.signal))
    .catch(broke);
  const findings = await inTime(running, limitMs);
  if (findings !== null) return findings;
  ended.abort(new Error('the check took too long'));
  await inTime(running, GRACE_MS);
  return [
    fail(
      `${id}.hung`,
      `${title}: no answer within ${limitMs / 1000} s`,
      'look at what hangs: a file system whose server is gone, a program in its place, or a machine that is too busy',
    ),
  ];
}

const REPORT = 'report it to codexd with the output of `codexd doctor --json`';
