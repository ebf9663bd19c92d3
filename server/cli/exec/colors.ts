/** Colors for people who read a terminal. */

export type Paint = (text: string) => string;

export interface Palette {
  /** The speaker. */
  readonly speaker: Paint;
  /** Details that people look up and rarely read. */
  readonly aside: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warning: Paint;
}

const plain: Paint = (text) => text;
const NO_COLORS: Palette = { speaker: plain, aside: plain, good: plain, bad: plain, warning: plain };

const sgr =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const COLORS: Palette = {
  speaker: sgr(1, 22),
  aside: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warning: sgr(33, 39),
};

/**
 * `asked`: the value of `--color`; `auto` is for a terminal, and not where NO_COLOR or TERM says that there are none.
 */
export function paletteFor(
  asked: string | null,
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<NodeJS.ProcessEnv>,
): Palette {
  if (asked === 'always') return COLORS;
  if (asked === 'never' || stream.isTTY !== true) return NO_COLORS;
  return env.NO_COLOR || env.TERM === 'dumb' ? NO_COLORS : COLORS;
}
