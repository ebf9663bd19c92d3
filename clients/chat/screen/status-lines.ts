/** The lines around the editor: what runs, and the facts about the thread. */
import { usageText, type ThreadState } from '../session/thread-state.js';
import { visibleLine } from '../text/safe-text.js';
import type { Styles } from '../text/styles.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
export const FRAME_MS = 120;

/** Empty while no turn runs. `sinceMs`: the start of the turn. */
export function workingLine(state: ThreadState, sinceMs: number, nowMs: number, styles: Styles): string[] {
  if (state.connection === 'reconnecting') return [styles.warning('the connection is lost; trying again')];
  if (state.turnId === null) return [];
  const frame = FRAMES[Math.floor(nowMs / FRAME_MS) % FRAMES.length] ?? '';
  return [styles.accent(frame) + styles.dim(` working, ${Math.floor((nowMs - sinceMs) / 1000)} s (Esc interrupts)`)];
}

export function footerLine(state: ThreadState, images: number, styles: Styles): string {
  const model = [state.model, state.effort].filter(Boolean).join(' ');
  const parts = [
    model,
    `${state.permissions}, ${state.approvals}`,
    usageText(state),
    images > 0 ? `${images} image${images > 1 ? 's' : ''} with the next message` : '',
    state.cwd,
  ];
  return styles.dim(parts.filter(Boolean).map(visibleLine).join(' · '));
}
