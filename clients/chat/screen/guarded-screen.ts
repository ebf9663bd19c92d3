/**
 * The root of everything that is drawn.
 *
 * Threat: a component, also one of the library, passes control characters on. Rule: each line passes `guardedLine`
 * here, directly before the library writes it, and fits into the width.
 */
import { CURSOR_MARKER, truncateToWidth, visibleWidth, type Component } from '@earendil-works/pi-tui';
import { guardedLine } from '../text/safe-text.js';

export class GuardedScreen implements Component {
  readonly #parts: () => readonly Component[];

  /** `parts`: what is shown now, from the top. */
  constructor(parts: () => readonly Component[]) {
    this.#parts = parts;
  }

  invalidate(): void {
    for (const part of this.#parts()) part.invalidate();
  }

  render(width: number): string[] {
    return this.#parts()
      .flatMap((part) => part.render(width))
      .map((line) => guardedLine(line, CURSOR_MARKER))
      .map((line) => (visibleWidth(line) > width ? truncateToWidth(line, width, '') : line));
  }
}

/** A part that is computed at each drawing. */
export const part = (render: (width: number) => string[]): Component => ({ render, invalidate() {} });
