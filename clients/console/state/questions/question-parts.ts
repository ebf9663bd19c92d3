/** What the page shows of a question of any kind, and what an answer can be. */
import type { Form } from './question-form.js';
import type { Prompt } from './prompt.js';

type Change = Extract<NonNullable<Prompt['item']>, { type: 'fileChange' }>['changes'][number];

/** A rule that an answer writes: shown before it is sent. */
export type Rule =
  | { readonly kind: 'network'; readonly host: string; readonly action: 'allow' | 'deny' }
  | { readonly kind: 'command'; readonly prefix: readonly string[] }
  /** A tool of an MCP server, which is called without a question from then on. */
  | { readonly kind: 'tool'; readonly server: string; readonly tool: string };

export interface Choice {
  /** The key that chooses it, while the question has the focus. */
  readonly key: string;
  readonly label: string;
  readonly tone: 'allow' | 'deny' | 'plain';
  readonly result: unknown;
  readonly rule: Rule | null;
}

export interface QuestionView {
  readonly title: string;
  /** One line for a screen reader and the settled list. */
  readonly summary: string;
  readonly command: string | null;
  /** The item of the command that asks, where the question has no command of its own. */
  readonly commandItemId: string | null;
  readonly target: { readonly host: string; readonly port: number | null; readonly protocol: string } | null;
  readonly reason: string | null;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** Null: not about files. Empty: not known, `changesFailure` says why, or not yet. */
  readonly changes: readonly Change[] | null;
  readonly changesFailure: string | null;
  readonly form: Form | null;
  readonly choices: readonly Choice[];
  /** Milliseconds since the epoch: when the server continues without an answer. */
  readonly deadlineMs: number | null;
}

/** A question without any of this. */
export const NOTHING = {
  command: null,
  commandItemId: null,
  target: null,
  reason: null,
  facts: [],
  changes: null,
  changesFailure: null,
  form: null,
  deadlineMs: null,
};

/** Only what is there. */
export const facts = (
  ...pairs: readonly (readonly [string, string | null | undefined])[]
): readonly { readonly label: string; readonly value: string }[] =>
  pairs.flatMap(([label, value]) => (value ? [{ label, value }] : []));
