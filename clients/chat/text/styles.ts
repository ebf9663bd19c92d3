/** Styles of the chat, by meaning. */

export type Paint = (text: string) => string;

export interface Styles {
  /** Whether colors of commands' output are kept. */
  readonly colors: boolean;
  /** Headings and names. */
  readonly strong: Paint;
  /** What people look up and rarely read: reasoning, counts, hints. */
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warning: Paint;
  /** What the person can use: keys, commands. */
  readonly accent: Paint;
  readonly italic: Paint;
  readonly underline: Paint;
}

const plain: Paint = (text) => text;

/** Text only: pipes, screen readers, NO_COLOR. */
export const NO_STYLES: Styles = {
  colors: false,
  strong: plain,
  dim: plain,
  good: plain,
  bad: plain,
  warning: plain,
  accent: plain,
  italic: plain,
  underline: plain,
};

const sgr =
  (on: number, off: number): Paint =>
  (text) =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;

/** The text must have passed safe-text.ts. */
export const TERMINAL_STYLES: Styles = {
  colors: true,
  strong: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warning: sgr(33, 39),
  accent: sgr(36, 39),
  italic: sgr(3, 23),
  underline: sgr(4, 24),
};

/** NO_COLOR (https://no-color.org) keeps emphasis, and removes the colors. */
export function stylesFor(environment: Readonly<Record<string, string | undefined>>): Styles {
  if (!environment['NO_COLOR']) return TERMINAL_STYLES;
  return { ...TERMINAL_STYLES, colors: false, good: plain, bad: plain, warning: plain, accent: plain };
}
