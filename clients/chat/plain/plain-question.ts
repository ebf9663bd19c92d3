/** Asks by numbered lines: a question of the server, its fields, or a list of a command. */
import type { Pickable } from '../commands/command-host.js';
import type { OpenQuestion } from '../questions/question-desk.js';
import type { Field, FieldValue } from '../questions/question.js';
import { exactLine, exactText } from '../text/safe-text.js';

/** A dialog that takes the next lines of the person. */
export interface Dialog {
  /** Returns whether the dialog is over. */
  take(line: string): boolean;
  /** Says again what is asked, without the facts. */
  remind(): void;
}

/** Prints the question at once. */
export function askQuestion(question: OpenQuestion, say: (text: string) => void): Dialog {
  const { title, facts, choices, fields } = question;
  const ask = (): void => {
    choices.forEach(({ label }, index) => say(`  ${index + 1}. ${exactLine(label)}`));
    say('Answer with a number.');
  };
  say(`Question: ${exactLine(title)}`);
  for (const { label, text } of facts) say(`  ${exactLine(label)}: ${indented(text)}`);
  ask();
  const values: Record<string, FieldValue> = {};
  let chosen: string | null = null;
  let at = 0;
  return {
    take(line) {
      if (chosen === null) {
        const choice = choices[numberIn(line, choices.length) ?? -1];
        if (choice === undefined) {
          say(`Please answer with a number from 1 to ${choices.length}.`);
          return false;
        }
        if (choice.fills !== true || fields.length === 0) {
          // The answer shows the next question.
          say(`answered: ${exactLine(choice.label)}`);
          question.choose(choice.key);
          return true;
        }
        chosen = choice.key;
        askField(fields[0]!, say);
        return false;
      }
      const field = fields[at]!;
      const read = field.read(line);
      if ('error' in read) {
        say(read.error);
        return false;
      }
      if (read.value !== undefined) values[field.id] = read.value;
      at += 1;
      if (at < fields.length) {
        askField(fields[at]!, say);
        return false;
      }
      say('answered');
      question.choose(chosen, values);
      return true;
    },
    remind() {
      say(`Still open: ${exactLine(title)}`);
      if (chosen === null) ask();
      else askField(fields[at]!, say);
    },
  };
}

function askField({ title, text, options, secret }: Field, say: (text: string) => void): void {
  say(`${exactLine(title)}: ${indented(text)}`);
  (options ?? []).forEach(({ label, text: about }, index) =>
    say(`  ${index + 1}. ${exactLine(label)}${about === '' ? '' : ` (${exactLine(about)})`}`),
  );
  if (secret) say('What you type here is visible.');
}

/** Prints the list at once. `done` gets null when the person chooses nothing. */
export function askList(
  title: string,
  choices: readonly Pickable[],
  say: (text: string) => void,
  done: (value: string | null) => void,
): Dialog {
  const ask = (): void => {
    say(exactLine(title));
    choices.forEach(({ label, about }, index) =>
      say(`  ${index + 1}. ${exactLine(label)}${about === '' ? '' : ` (${exactLine(about)})`}`),
    );
    say('Answer with a number, or with an empty line for none.');
  };
  ask();
  return {
    remind: ask,
    take(line) {
      const index = numberIn(line, choices.length);
      if (index === null && line.trim() !== '') {
        say(`Please answer with a number from 1 to ${choices.length}.`);
        return false;
      }
      done(index === null ? null : (choices[index]?.value ?? null));
      return true;
    },
  };
}

/** The index that a line says, from 0. */
function numberIn(line: string, most: number): number | null {
  const number = /^\s*(\d{1,4})\.?\s*$/.exec(line)?.[1];
  return number !== undefined && Number(number) >= 1 && Number(number) <= most ? Number(number) - 1 : null;
}

const indented = (text: string): string => exactText(text).replaceAll('\n', '\n    ');
