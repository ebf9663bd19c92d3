/** Reports when a server waits for a person, and when it does no more: the time of its calls does not run meanwhile. */
import type { ServerQuestion, ServerReply } from './shape/connection.js';

type Ask = (question: ServerQuestion) => Promise<ServerReply>;
type Watcher = (open: boolean) => void;

export interface QuestionWatch {
  readonly ask: Ask;
  /** The watcher hears at once of a question that is open. Returns what ends the reports. */
  watch(watcher: Watcher): () => void;
}

export function questionWatch(ask: Ask): QuestionWatch {
  const watchers = new Set<Watcher>();
  let open = 0;
  return {
    async ask(question) {
      if (++open === 1) for (const watcher of watchers) watcher(true);
      try {
        return await ask(question);
      } finally {
        if (--open === 0) for (const watcher of watchers) watcher(false);
      }
    },
    watch(watcher) {
      watchers.add(watcher);
      if (open > 0) watcher(true);
      return () => void watchers.delete(watcher);
    },
  };
}
