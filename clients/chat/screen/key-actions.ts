/** The keys that count everywhere on the full screen, before the editor or a question receives them. */
import { matchesKey } from '@earendil-works/pi-tui';
import { pastedImage, type ImageFile } from '../session/images.js';

export const KEYS: readonly string[] = [
  'Enter sends; Alt-Enter or \\ and Enter start a new line; Up and Down recall messages; Tab completes.',
  'Esc interrupts the turn; a message while a turn runs is added to it; Ctrl-O shows all of an output.',
  'Ctrl-C interrupts, twice leaves; Ctrl-D leaves. The path of an image that is pasted or dropped attaches the image.',
];

export interface KeyTargets {
  isRunning(): boolean;
  /** The editor has the keys, and shows no list. */
  isEditing(): boolean;
  editorText(): string;
  clearEditor(): void;
  /** Returns whether a list was open. */
  closeList(): boolean;
  interrupt(): void;
  hint(): void;
  leave(): void;
  toggle(): void;
  attach(image: ImageFile): void;
  readonly images: Parameters<typeof pastedImage>[1];
  /** In ms. */
  readonly now: () => number;
}

/** Two Ctrl-C within this time leave the chat, in ms. */
const TWICE_MS = 2000;
const PASTE = /^\u001b\[200~([^]*)\u001b\[201~$/;

/** A listener for the input of the terminal; `consume`: nobody else receives the key. */
export function keyActions(targets: KeyTargets): (data: string) => { readonly consume: boolean } | undefined {
  let lastBreak = -TWICE_MS;
  const used = { consume: true };
  return (data) => {
    if (matchesKey(data, 'ctrl+c')) {
      if (targets.closeList()) return used;
      const now = targets.now();
      const isSecond = now - lastBreak < TWICE_MS;
      lastBreak = now;
      if (isSecond) targets.leave();
      else if (targets.isRunning()) targets.interrupt();
      else if (targets.isEditing() && targets.editorText() !== '') targets.clearEditor();
      else targets.hint();
      return used;
    }
    if (matchesKey(data, 'ctrl+o')) {
      targets.toggle();
      return used;
    }
    if (!targets.isEditing()) return undefined;
    if (matchesKey(data, 'ctrl+d') && targets.editorText() === '') {
      targets.leave();
      return used;
    }
    if (matchesKey(data, 'escape') && targets.isRunning()) {
      targets.interrupt();
      return used;
    }
    const pasted = PASTE.exec(data)?.[1];
    const image = pasted === undefined ? null : pastedImage(pasted, targets.images);
    if (image === null) return undefined;
    targets.attach(image);
    return used;
  };
}
