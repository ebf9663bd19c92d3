/**
 * A question, answered by a key.
 *
 * Threat: a key that the person typed for a message answers a question that appears at this moment. Rule: keys count
 * only after a pause of the keyboard, counted from the appearance of the question and from the last key that was no
 * answer. `/` and the name of a command run the command and answer nothing.
 */
import { Input, matchesKey, wrapTextWithAnsi, type Component, type Focusable } from '@earendil-works/pi-tui';
import { commandBesides, parseInput, type Parsed } from '../commands/slash-commands.js';
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
  /** Runs a command of the person (`/diff`). The question stays open. */
  readonly command: (command: Exclude<Parsed, { kind: 'message' }>) => void;
}

/** What the keys of the person do now. */
type Stage =
  | { readonly kind: 'choose' }
  | { readonly kind: 'command'; readonly input: Input }
  | { readonly kind: 'fill'; readonly choice: OpenQuestion['choices'][number]; readonly at: number; input: Input };

export class QuestionPanel implements Component, Focusable {
  readonly #options: PanelOptions;
  readonly #values: Record<string, FieldValue> = {};
  #stage: Stage = { kind: 'choose' };
  #error = '';
  #quietSince: number;
  #focused = false;

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#quietSince = options.now();
  }

  get focused(): boolean {
    return this.#focused;
  }

  /** A question that gets the keys again, for example after a list, appears again. */
  set focused(focused: boolean) {
    if (focused && !this.#focused) this.#quietSince = this.#options.now();
    this.#focused = focused;
  }

  invalidate(): void {}

  /** A key that came before the pause, and a key of no answer, start the pause again: the person types something. */
  handleInput(data: string): void {
    if (this.#stage.kind !== 'choose') return this.#stage.input.handleInput(data);
    const now = this.#options.now();
    const isEarly = now - this.#quietSince < PAUSE_MS;
    if (isEarly || !this.#choose(data)) this.#quietSince = now;
  }

  /** Returns whether the key has a meaning. */
  #choose(data: string): boolean {
    const { question, answered } = this.#options;
    const { choices, fields } = question;
    if (data === '/') {
      this.#openCommand();
      return true;
    }
    const choice = matchesKey(data, 'escape')
      ? choices.find(({ refuses }) => refuses)
      : choices.find(({ key }) => key === data);
    if (choice === undefined) return false;
    if (choice.fills === true && fields.length > 0) this.#openField(choice, 0);
    else {
      answered(choice.label);
      question.choose(choice.key);
    }
    return true;
  }

  #close(): void {
    this.#stage = { kind: 'choose' };
    this.#error = '';
    this.#quietSince = this.#options.now();
  }

  #openCommand(): void {
    const input = new Input();
    input.handleInput('/');
    input.onEscape = () => this.#close();
    input.onSubmit = (typed) => {
      const parsed = parseInput(typed);
      this.#close();
      if (parsed.kind !== 'message') this.#options.command(parsed);
      else if (typed.trim() !== '') this.#error = 'This is not a command: the question is still open.';
    };
    this.#stage = { kind: 'command', input };
  }

  #openField(choice: OpenQuestion['choices'][number], at: number): void {
    const input = new Input();
    input.onEscape = () => this.#close();
    input.onSubmit = (typed) => this.#fill(choice, at, typed);
    this.#stage = { kind: 'fill', choice, at, input };
  }

  #fill(choice: OpenQuestion['choices'][number], at: number, typed: string): void {
    const { question, answered, command } = this.#options;
    const field = question.fields[at];
    if (field === undefined) return;
    // A new input: what was wrong, and a command, are gone.
    this.#openField(choice, at);
    this.#error = '';
    const besides = commandBesides(typed);
    if (besides !== null) return command(besides);
    const read = field.read(typed);
    if ('error' in read) {
      this.#error = read.error;
      return;
    }
    if (read.value === undefined) delete this.#values[field.id];
    else this.#values[field.id] = read.value;
    if (at + 1 < question.fields.length) return this.#openField(choice, at + 1);
    answered(choice.label);
    question.choose(choice.key, this.#values);
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
      ...this.#answerLines(),
    ];
    return [...lines.flatMap((line) => wrapTextWithAnsi(line, width)), ...this.#inputLines(width)];
  }

  /** The choices, or the field that is filled in. */
  #answerLines(): string[] {
    const { question, styles } = this.#options;
    const field = this.#stage.kind === 'fill' ? question.fields[this.#stage.at] : undefined;
    if (field === undefined) {
      const choices = question.choices.map(
        ({ key, label, refuses }) =>
          `${styles.accent(`[${key}]`)} ${exactLine(label)}${refuses ? styles.dim(' (or Esc)') : ''}`,
      );
      return [
        ...choices,
        ...this.#errorLines(),
        `${styles.accent('[/]')} ${styles.dim('A command, for example /diff or /status')}`,
      ];
    }
    return [
      styles.strong(exactLine(field.title)) + (field.text === '' ? '' : `: ${exactLine(field.text)}`),
      ...(field.options ?? []).map(
        ({ label, text }, index) =>
          `${styles.accent(`${index + 1}.`)} ${exactLine(label)} ${styles.dim(exactLine(text))}`,
      ),
      ...this.#errorLines(),
    ];
  }

  #errorLines(): string[] {
    return this.#error === '' ? [] : [this.#options.styles.bad(exactLine(this.#error))];
  }

  #inputLines(width: number): string[] {
    const stage = this.#stage;
    if (stage.kind === 'choose') return [];
    const isSecret = stage.kind === 'fill' && this.#options.question.fields[stage.at]?.secret === true;
    if (isSecret) return [`> ${'•'.repeat(Math.max(0, Math.min(stage.input.getValue().length, width - 2)))}`];
    stage.input.focused = this.focused;
    return stage.input.render(width);
  }
}
