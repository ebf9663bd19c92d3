import type { ConfigProblem, Effective } from './effective.js';

/** What config/read answers (-32603) while the configuration cannot be used (spec/config.md §2). */
export function configReadMessage(problem: ConfigProblem): string {
  switch (problem.kind) {
    case 'layers':
      return `failed to read configuration layers: ${problem.error.message}`;
    case 'value':
      return `invalid configuration: ${problem.mismatch.text}\nin \`${problem.mismatch.path.join('.')}\`\n`;
    case 'meaning':
      return `failed to resolve feature override precedence: ${problem.text}`;
  }
}

/** What stands behind `failed to load configuration: ` and in a warning's details: with a position where there is one. */
export function problemText(_effective: Effective, problem: ConfigProblem): string {
  switch (problem.kind) {
    case 'layers':
      return problem.error.message;
    case 'value':
      return `${problem.mismatch.text}\nin \`${problem.mismatch.path.join('.')}\`\n`;
    case 'meaning':
      return problem.text;
  }
}
