/** Draws the transcript. What was drawn of an entry is kept until the entry, the width or the folding changes. */
import type { Component } from '@earendil-works/pi-tui';
import type { Styles } from '../text/styles.js';
import { drawEntry } from './draw-entry.js';
import type { Entry, Transcript } from './transcript.js';

export class TranscriptView implements Component {
  expanded = false;
  readonly #transcript: Transcript;
  readonly #styles: Styles;
  #drawn = new WeakMap<Entry, readonly string[]>();
  #form = '';

  constructor(transcript: Transcript, styles: Styles) {
    this.#transcript = transcript;
    this.#styles = styles;
  }

  invalidate(): void {
    this.#drawn = new WeakMap();
  }

  render(width: number): string[] {
    const form = `${width} ${this.expanded}`;
    if (form !== this.#form) this.invalidate();
    this.#form = form;
    return this.#transcript.entries.flatMap((entry) => {
      const lines =
        this.#drawn.get(entry) ?? drawEntry(entry, { styles: this.#styles, width, expanded: this.expanded });
      this.#drawn.set(entry, lines);
      return lines.length === 0 ? [] : [...lines, ''];
    });
  }
}
