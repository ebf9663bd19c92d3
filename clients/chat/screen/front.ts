/**
 * What has the keys below the transcript: a list that the person opened, else the question of the server, else the
 * editor.
 */
import type { Component } from '@earendil-works/pi-tui';
import type { Pickable } from '../commands/command-host.js';

export interface Front {
  /** What is shown now. */
  readonly shown: Component;
  /** Null: the server has no question. */
  ask(question: Component | null): void;
  /** Resolves to null when the person chooses nothing, and when another list takes the place of this one. */
  pick(title: string, choices: readonly Pickable[]): Promise<string | null>;
  /** Whether a list was open. */
  closeList(): boolean;
}

export interface FrontOptions {
  readonly editor: Component;
  /** A list whose end calls `done`. */
  readonly list: (title: string, choices: readonly Pickable[], done: (value: string | null) => void) => Component;
  /** Gives the keys to a component, and draws. */
  readonly focus: (component: Component) => void;
}

export function createFront({ editor, list, focus }: FrontOptions): Front {
  let question: Component | null = null;
  let open: { readonly list: Component; readonly done: (value: string | null) => void } | null = null;
  const shown = (): Component => open?.list ?? question ?? editor;
  const closeList = (value: string | null): boolean => {
    const closed = open;
    open = null;
    closed?.done(value);
    return closed !== null;
  };
  return {
    get shown() {
      return shown();
    },
    ask(next) {
      question = next;
      focus(shown());
    },
    pick: (title, choices) =>
      new Promise((resolve) => {
        closeList(null);
        const own: typeof open = {
          list: list(title, choices, (value) => {
            if (open !== own) return;
            closeList(value);
            focus(shown());
          }),
          done: resolve,
        };
        open = own;
        focus(shown());
      }),
    closeList() {
      const closed = closeList(null);
      if (closed) focus(shown());
      return closed;
    },
  };
}
