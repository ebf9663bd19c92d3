/** Questions to the thread's model beside the turn. They change nothing in the thread (approvals/auto-review.ts). */
import type { HistoryItem, ModelProvider, ModelRequest } from '../model/provider/model-provider.js';
import { isItem } from '../store/records/history-item.js';
import { textIn } from '../store/records/item-text.js';

export interface SideQuestion {
  readonly input: readonly HistoryItem[];
  /** A JSON schema for the answer; endpoints may ignore it. */
  readonly schema: unknown;
}

export interface SideQuestions {
  /** The model's history in the thread so far. */
  history(): Promise<readonly HistoryItem[]>;
  /** Returns the text of the answer. Rejects with ModelError, and with the signal's reason if it is aborted. */
  ask(question: SideQuestion, signal: AbortSignal): Promise<string>;
}

export interface SideQuestionsOptions {
  readonly provider: ModelProvider;
  readonly history: SideQuestions['history'];
  /** Makes a request of the turn with this input: the turn determines model, effort and identity. */
  readonly request: (input: readonly HistoryItem[]) => Promise<ModelRequest>;
}

export function createSideQuestions({ provider, history, request }: SideQuestionsOptions): SideQuestions {
  return {
    history,
    async ask({ input, schema }, signal) {
      const base = await request(input);
      const asked: ModelRequest = {
        ...base,
        input,
        tools: [],
        outputSchema: { strict: false, schema, name: 'codex_output_schema' },
        identity: { ...base.identity, kind: 'guardian' },
      };
      let text = '';
      for await (const event of provider.stream(asked, signal)) {
        if (event.type === 'item' && isItem(event.item, 'message')) text += textIn(event.item.content);
      }
      return text;
    },
  };
}
