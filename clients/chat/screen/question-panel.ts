/**
 * A question, answered by a key.
 *
 * Threat: a key that the person typed for a message answers a question that appears at this moment. Rule: keys count
 * only after a pause of the keyboard, counted from the appearance of the question and from the last key before it.
 */
import { Input, matchesKey, wrapTextWithAnsi, type Component, type Focusable } from '@earendil-works/pi-tui';
import type { OpenQuestion } from '../questions/question-desk.js';
import type { FieldValue } from '../questions/question.js';
import { exactLine, exactText } from '../text/safe-text.js';
import type { Styles } from '../text/styles.js';

/** In ms. Longer than the pause between two keys of fluent typing. */
export const PAUSE_MS = 500;

export interface PanelOptions {
  readonly question: OpenQuestion;
  readonly styles: Styles;
  /** The changes that the question is about, as lines. */
  readonly changes: readonly string[];
  /** In ms. */
  readonly now: () => number;
  /** Called with the label of the answer. */
  readonly answered: (label: string) => void;
}

export class QuestionPanel implements Component, Focusable {
  focused = false;
  readonly #options: PanelOptions;
  readonly #values: Record<string, FieldValue> = {};
  #input: Input | null = null;
  #chosen: OpenQuestion['choices'][number] | null = null;
  #field = 0;
  #error = '';
  #quietSince: number;

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#quietSince = options.now();
  }

  invalidate(): void {}

  /** A key that came before the pause starts the pause again. */
  handleInput(data: string): void {
    const now = this.#options.now();
    const isEarly = now - this.#quietSince < PAUSE_MS;
    if (isEarly && this.#chosen === null) {
      this.#quietSince = now;
      return;
    }
    if (this.#chosen === null) this.#choose(data);
    else this.#fill(data);
  }

  #choose(data: string): void {
    const { question, answered } = this.#options;
    const { choices, fields } = question;
    const choice = matchesKey(data, 'escape')
      ? choices.find(({ refuses }) => refuses)
      : choices.find(({ key }) => key === data);
    if (choice === undefined) return;
    if (choice.fills !== true || fields.length === 0) {
      answered(choice.label);
      question.choose(choice.key);
      return;
    }
    this.#chosen = choice;
    this.#open();
  }

  #open(): void {
    this.#input = new Input();
    this.#input.onSubmit = (typed) => this.#typed(typed);
    this.#input.onEscape = () => {
      this.#chosen = null;
      this.#field = 0;
      this.#input = null;
    };
  }

  #typed(typed: string): void {
    const { question, answered } = this.#options;
    const field = question.fields[this.#field];
    if (field === undefined || this.#chosen === null) return;
    const option = /^\d+$/.test(typed.trim()) ? field.options?.[Number(typed) - 1] : undefined;
    const read = field.read(option?.value ?? typed);
    this.#error = 'error' in read ? read.error : '';
    if ('error' in read) return;
    if (read.value !== undefined) this.#values[field.id] = read.value;
    this.#field += 1;
    if (this.#field < question.fields.length) return this.#open();
    answered(this.#chosen.label);
    question.choose(this.#chosen.key, this.#values);
  }

  #fill(data: string): void {
    this.#input?.handleInput(data);
  }

  render(width: number): string[] {
    const { question, styles, changes } = this.#options;
    const lines = [
      styles.warning('─'.repeat(width)),
      styles.strong(exactLine(question.title)),
      ...question.facts.flatMap(({ label, text }) =>
        exactText(text)
          .split('\n')
          .map((line, index) => `${styles.dim((index === 0 ? exactLine(label) : '').padEnd(12))} ${line}`),
      ),
      ...changes,
    ];
    const field = question.fields[this.#field];
    const below =
      this.#chosen === null || field === undefined
        ? question.choices.map(
            ({ key, label, refuses }) =>
              `${styles.accent(`[${key}]`)} ${exactLine(label)}${refuses ? styles.dim(' (or Esc)') : ''}`,
          )
        : [
            styles.strong(exactLine(field.title)) + (field.text === '' ? '' : `: ${exactLine(field.text)}`),
            ...(field.options ?? []).map(
              ({ label, text }, index) =>
                `${styles.accent(`${index + 1}.`)} ${exactLine(label)} ${styles.dim(exactLine(text))}`,
            ),
            ...(this.#error === '' ? [] : [styles.bad(this.#error)]),
          ];
    return [...[...lines, ...below].flatMap((line) => wrapTextWithAnsi(line, width)), ...this.#inputLines(width)];
  }

  #inputLines(width: number): string[] {
    const field = this.#options.question.fields[this.#field];
    if (this.#input === null || field === undefined) return [];
    if (field.secret) return [`> ${'•'.repeat(Math.min(this.#input.getValue().length, width - 2))}`];
    this.#input.focused = this.focused;
    return this.#input.render(width);
  }
}
