/**
 * What takes the next line of the person: a list that a command opened, else the question of the server.
 *
 * A question that comes while a list is open is asked after the list, so that a number answers what was printed last.
 */
import type { Pickable } from '../commands/command-host.js';
import type { OpenQuestion } from '../questions/question-desk.js';
import { askList, askQuestion, type Dialog } from './plain-question.js';

export interface Dialogs {
  readonly open: 'list' | 'question' | null;
  /** A line for what is open. */
  take(line: string): void;
  /** Null: the server has no question. */
  ask(question: OpenQuestion | null): void;
  /** Resolves to null when the person chooses nothing, and when another list takes the place of this one. */
  pick(title: string, choices: readonly Pickable[]): Promise<string | null>;
  /** After lines between the question and its answer: says again what is asked. */
  remind(): void;
}

export interface DialogTargets {
  say(text: string): void;
  /** What the question is about, before the question. */
  showChanges(itemId: string): void;
  /** Another dialog is open, or none. */
  changed(): void;
}

export function createDialogs({ say, showChanges, changed }: DialogTargets): Dialogs {
  let list: { readonly dialog: Dialog; readonly done: (value: string | null) => void } | null = null;
  let question: OpenQuestion | null = null;
  /** Null: the question is not asked yet. */
  let asked: Dialog | null = null;
  const askNow = (): void => {
    if (question === null || list !== null || asked !== null) return;
    if (question.itemId !== null) showChanges(question.itemId);
    asked = askQuestion(question, say);
  };
  const closeList = (value: string | null): void => {
    const closed = list;
    list = null;
    closed?.done(value);
  };
  return {
    get open() {
      return list !== null ? 'list' : asked !== null ? 'question' : null;
    },
    take(line) {
      if (list !== null) {
        if (list.dialog.take(line)) askNow();
        return;
      }
      asked?.take(line);
    },
    ask(next) {
      question = next;
      asked = null;
      askNow();
      changed();
    },
    pick: (title, choices) =>
      new Promise((resolve) => {
        closeList(null);
        list = { dialog: askList(title, choices, say, closeList), done: resolve };
        changed();
      }),
    remind() {
      if (list === null) asked?.remind();
    },
  };
}
