/** A list of which the person chooses one, with the arrow keys. */
import { SelectList, type Component } from '@earendil-works/pi-tui';
import type { Pickable } from '../commands/command-host.js';
import { visibleLine } from '../text/safe-text.js';
import type { Styles } from '../text/styles.js';

/** Rows that are shown at once. */
const ROWS = 10;

/** `done` gets null when the person chooses nothing. */
export function choiceList(
  title: string,
  choices: readonly Pickable[],
  styles: Styles,
  done: (value: string | null) => void,
): Component {
  const items = choices.map(({ value, label, about }) => ({
    value,
    label: visibleLine(label),
    description: visibleLine(about),
  }));
  const select = new SelectList(items, ROWS, listTheme(styles));
  select.onSelect = ({ value }) => done(value);
  select.onCancel = () => done(null);
  return {
    render: (width) => [
      styles.strong(visibleLine(title)) + styles.dim('  arrows and Enter choose, Esc leaves'),
      ...select.render(width),
    ],
    handleInput: (data) => select.handleInput(data),
    invalidate: () => select.invalidate(),
  };
}

/** Also of the list that completes a word in the editor. */
export const listTheme = (styles: Styles) => ({
  selectedPrefix: styles.accent,
  selectedText: styles.accent,
  description: styles.dim,
  scrollInfo: styles.dim,
  noMatch: styles.dim,
});
