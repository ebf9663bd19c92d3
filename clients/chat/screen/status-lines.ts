/** The lines around the editor: what runs, and the facts about the thread. */
import { usageText, type ThreadState } from '../session/thread-state.js';
import { visibleLine } from '../text/safe-text.js';
import type { Styles } from '../text/styles.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
export const FRAME_MS = 120;

export interface Working {
  /** The start of the turn. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /**
   * A question or a list is below this line. Then the line does not change: a change above the last screenful draws
   * everything again, and the person could not scroll to the beginning of a long question.
   */
  readonly waits: boolean;
}

/** Empty while no turn runs. */
export function workingLine(state: ThreadState, { sinceMs, nowMs, waits }: Working, styles: Styles): string[] {
  if (state.connection === 'reconnecting') return [styles.warning('the connection is lost; trying again')];
  if (state.turnId === null) return [];
  if (waits) return [styles.dim('waiting for an answer')];
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
