/**
 * What the agent loop works with from turn to turn: the history that the model is sent, and what waits to get into it.
 */
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { RuntimePart } from './part.js';
import type { ThreadState } from './thread-state.js';
import type { TurnInput } from './turn-input.js';

/** The thread's past, for the model. Closing ends what keeps it up with the thread. */
export interface WorkHistory extends RuntimePart {
  /** As the model is sent it. Rejects when it cannot be read, or is closed. */
  items(): Promise<readonly HistoryItem[]>;
}

export interface ThreadWork extends RuntimePart {
  readonly history: WorkHistory;
  /** What the person said while the turn runs, and where it waits. */
  readonly waiting: TurnInput[];
  /** Stops the answer that is being written, so that what waits gets in. */
  interject: (() => void) | null;
  /** The model of the last request; null: none yet. */
  lastModel: string | null;
  /** Compactions so far. */
  window: number;
  /** The settings were written into the file. */
  settingsTold: boolean;
  /** Words of ours for the model that wait until every call has its output: not every endpoint takes them between. */
  readonly notes: NewRecord[];
  /** Changes the settings of the turn that runs, from its next request on. Null: none runs that could be changed. */
  adjust: ((change: (state: ThreadState) => ThreadState) => void) | null;
}

export function createThreadWork(history: WorkHistory, { settingsTold = false } = {}): ThreadWork {
  const work: ThreadWork = {
    history,
    waiting: [],
    interject: null,
    lastModel: null,
    window: 0,
    settingsTold,
    notes: [],
    adjust: null,
    get held() {
      const hooks = [work.interject, work.adjust].filter((hook) => hook !== null);
      return history.held + work.waiting.length + work.notes.length + hooks.length;
    },
    close() {
      work.waiting.length = 0;
      work.notes.length = 0;
      work.interject = null;
      work.adjust = null;
      history.close();
    },
  };
  return work;
}
