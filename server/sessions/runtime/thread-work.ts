/** What the agent loop keeps from turn to turn: the model's history, and the input that waits for the model. */
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { RuntimePart } from './part.js';
import type { ThreadState } from './thread-state.js';
import type { TurnInput } from './turn-input.js';

/** The history of the thread for the model. Closing it ends its updates from the thread. */
export interface WorkHistory extends RuntimePart {
  /** The input for the model. Rejects if it cannot be read, or after it is closed. */
  items(): Promise<readonly HistoryItem[]>;
  /** Compactions keep the item. It is known once `items` has resolved. */
  isRetained(item: HistoryItem): boolean;
}

export interface ThreadWork extends RuntimePart {
  readonly history: WorkHistory;
  /** Messages that the person sent during the turn and that the model has not received yet. */
  readonly waiting: TurnInput[];
  /** Stops the model's current answer, so that waiting messages are sent. */
  interject: (() => void) | null;
  /** The model of the last request; null: there was none. */
  lastModel: string | null;
  /** The number of compactions so far. */
  window: number;
  /** The settings are written to the file. */
  settingsRecorded: boolean;
  /**
   * Messages of codexd for the model. They wait until every call has its output, because some endpoints do not accept
   * messages between.
   */
  readonly notes: NewRecord[];
  /** Changes the settings of the running turn from its next request on. Null: no running turn accepts changes. */
  adjust: ((change: (state: ThreadState) => ThreadState) => void) | null;
}

export function createThreadWork(history: WorkHistory, { settingsRecorded = false } = {}): ThreadWork {
  const work: ThreadWork = {
    history,
    waiting: [],
    interject: null,
    lastModel: null,
    window: 0,
    settingsRecorded: settingsRecorded,
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
