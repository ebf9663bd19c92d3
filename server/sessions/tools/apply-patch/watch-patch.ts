/**
 * Shows a patch while the model writes it: `item/fileChange/patchUpdated` (docs/protocol/turns.md §5).
 *
 * Each notification repeats the whole patch so far. So notifications come at most twice a second, and less often for a
 * long patch. The total stays within CHARACTERS_A_MILLISECOND, whatever the model writes.
 */
import type { InputWatch, WatchContext } from '../../tool-types/tool.js';
import { PatchProgress } from './patch-progress.js';

/** Between two notifications, in milliseconds; as in the reference. */
const PAUSE_MS = 500;
/** A patch of more than 50 000 characters is shown less often than every PAUSE_MS. */
const CHARACTERS_A_MILLISECOND = 100;

export function watchPatch(
  callId: string,
  { thread, turn }: Pick<WatchContext, 'thread' | 'turn'>,
  now: () => number = () => performance.now(),
): InputWatch {
  const progress = new PatchProgress();
  /** Changes that clients have not received. */
  let changed = false;
  let nextAt = -Infinity;
  const tell = (): void => {
    const changes = progress.changes();
    thread.events.notify('item/fileChange/patchUpdated', {
      threadId: thread.id,
      turnId: turn.id,
      itemId: callId,
      changes,
    });
    changed = false;
    const size = changes.reduce((sum, { path, diff }) => sum + path.length + diff.length, 0);
    nextAt = now() + Math.max(PAUSE_MS, size / CHARACTERS_A_MILLISECOND);
  };
  return {
    push(delta) {
      changed = progress.push(delta) || changed;
      if (changed && now() >= nextAt) tell();
    },
    end() {
      if (progress.end() && changed) tell();
    },
  };
}
