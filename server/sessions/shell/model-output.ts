/** The part of a command's output that the model receives (docs/protocol/turns.md §4 "exec_command"). */

/** The maximum length of a text for the model, in bytes or in tokens of four bytes. */
export type Budget = { readonly unit: 'bytes' | 'tokens'; readonly amount: number };

const BYTES_PER_TOKEN = 4;

/** An estimate, similar to the count of endpoints. */
const tokensIn = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/** The policy for a model without one. */
export const DEFAULT_BUDGET: Budget = { unit: 'bytes', amount: 10_000 };

/** A call may request less than the policy allows, never more. */
export function budgetOf(policy: Budget, maxOutputTokens: number | null): Budget {
  if (maxOutputTokens === null) return policy;
  const allowed = policy.unit === 'tokens' ? policy.amount : Math.floor(policy.amount / BYTES_PER_TOKEN);
  return { unit: 'tokens', amount: Math.min(Math.max(0, Math.floor(maxOutputTokens)), allowed) };
}

export interface ExecReport {
  readonly wallMs: number;
  /** Exactly one of the two is set. */
  readonly exitCode: number | null;
  readonly sessionId: number | null;
  /** The output since the last report. */
  readonly output: string;
  /** The size of the output in bytes before it was shortened. */
  readonly outputBytes: number;
}

export function reportText(report: ExecReport, budget: Budget): string {
  const chunk = Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, '0');
  const state =
    report.sessionId === null
      ? `Process exited with code ${report.exitCode}`
      : `Process running with session ID ${report.sessionId}`;
  return [
    `Chunk ID: ${chunk}`,
    `Wall time: ${(report.wallMs / 1000).toFixed(4)} seconds`,
    state,
    `Original token count: ${tokensIn(report.outputBytes)}`,
    `Output:\n${shorten(report.output, report.outputBytes, budget)}`,
  ].join('\n');
}

/** The head and the tail of a text that is too long, and the size of the part between them. */
export function shorten(text: string, originalBytes: number, budget: Budget): string {
  const bytes = Buffer.from(text);
  const room = budget.unit === 'bytes' ? budget.amount : budget.amount * BYTES_PER_TOKEN;
  if (bytes.length <= room) return text;
  const head = bytes.subarray(0, charBoundary(bytes, Math.floor(room / 2)));
  const tail = bytes.subarray(nextBoundary(bytes, bytes.length - Math.floor(room / 2)));
  const gone = originalBytes - head.length - tail.length;
  const between = budget.unit === 'bytes' ? `${gone} chars` : `${tokensIn(gone)} tokens`;
  const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const warning = `Warning: truncated output (original token count: ${tokensIn(originalBytes)})\nTotal output lines: ${lines}\n\n`;
  return `${warning}${head.toString()}…${between} truncated…${tail.toString()}`;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function charBoundary(bytes: Buffer, at: number): number {
  while (at > 0 && isContinuation(bytes[at])) at--;
  return at;
}

function nextBoundary(bytes: Buffer, at: number): number {
  while (isContinuation(bytes[at])) at++;
  return at;
}
