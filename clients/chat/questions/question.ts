/** A question of the server in the form in which the chat asks it, whatever its method is. */
import type { FileUpdateChange } from '../../../schema/protocol/threads/item.js';

/** The texts come from models and servers: the code that shows them makes them safe (text/safe-text.ts). */
export interface Question<Answer> {
  readonly title: string;
  /** Everything that is asked, as label and text. */
  readonly facts: readonly Fact[];
  /** The item that the question is about, whose changes are shown with it. */
  readonly itemId: string | null;
  readonly choices: readonly Choice<Answer>[];
  /** What the person fills in after a choice with `fills`. */
  readonly fields: readonly Field[];
}

export interface Fact {
  readonly label: string;
  readonly text: string;
}

export interface Choice<Answer> {
  /** One small letter, different for each choice of a question. */
  readonly key: string;
  readonly label: string;
  /** Whether the fields are filled in first. */
  readonly fills?: true;
  /** Esc chooses it: the answer that gives the least. Exactly one choice of a question has it. */
  readonly refuses?: true;
  answer(values: Readonly<Record<string, FieldValue>>): Answer;
}

export type FieldValue = string | number | boolean | readonly string[];

export interface Field {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Null: free text. */
  readonly options: readonly { readonly label: string; readonly text: string; readonly value: string }[] | null;
  /** With options: free text is accepted, too. */
  readonly open: boolean;
  readonly secret: boolean;
  /**
   * Returns the value of what the person typed, or an error for the person. The number of an option stands for it.
   * Undefined: nothing was filled in.
   */
  read(typed: string): { readonly value: FieldValue | undefined } | { readonly error: string };
}

/** What a patch changes; the facts of a question about it. */
export type Changes = readonly FileUpdateChange[];
