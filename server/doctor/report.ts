/** Formats findings as text for a terminal, and as JSON for programs. */
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../package/package-version.js';
import type { Finding, FindingStatus } from './findings/finding.js';
import type { CheckResult } from './findings/run-checks.js';

export interface ReportOptions {
  /** Print only findings with a problem, and the counts. */
  readonly summary: boolean;
}

const MARKS: Readonly<Record<FindingStatus, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skipped: 'skip' };

export function textReport(results: readonly CheckResult[], { summary }: ReportOptions): string {
  const lines: string[] = [];
  for (const { check, findings } of results) {
    const shown = summary ? findings.filter(({ status }) => status === 'warn' || status === 'fail') : findings;
    if (shown.length === 0) continue;
    if (!summary) lines.push(...(lines.length > 0 ? [''] : []), check.title);
    for (const { status, what, detail, fix } of shown) {
      lines.push(`${summary ? '' : '  '}${MARKS[status]}  ${visible(what)}`);
      const indent = summary ? '      ' : '        ';
      if (detail !== '') lines.push(...detail.split('\n').map((line) => `${indent}${visible(line)}`));
      if (fix !== null) lines.push(`${indent}To do: ${visible(fix)}`);
    }
  }
  const { ok, warn, fail, skipped } = countFindings(all(results));
  if (lines.length > 0) lines.push('');
  lines.push(`codexd ${CODEXD_VERSION}: ${ok} ok, ${warn} to look at, ${fail} failed, ${skipped} not looked at`);
  return `${lines.join('\n')}\n`;
}

/** One object. `ok` is false exactly when the exit code is 1. */
export function jsonReport(results: readonly CheckResult[]): string {
  const findings = all(results);
  const report = {
    version: CODEXD_VERSION,
    protocolVersion: PROTOCOL_VERSION,
    ok: !hasFailed(results),
    counts: countFindings(findings),
    findings,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

export const hasFailed = (results: readonly CheckResult[]): boolean =>
  all(results).some(({ status }) => status === 'fail');

const all = (results: readonly CheckResult[]): readonly Finding[] => results.flatMap(({ findings }) => findings);

function countFindings(findings: readonly Finding[]): Readonly<Record<FindingStatus, number>> {
  const counts = { ok: 0, warn: 0, fail: 0, skipped: 0 };
  for (const { status } of findings) counts[status]++;
  return counts;
}

/** Escapes control characters: file names and other programs' output must not control a terminal. */
const visible = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => JSON.stringify(control).slice(1, -1));
