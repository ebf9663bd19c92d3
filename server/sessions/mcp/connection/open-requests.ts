/**
 * The requests that a server has not answered. One that was cancelled stays among them: nobody waits for its answer,
 * but the server may still work for it (docs/protocol/services.md §7, "Permissions").
 */
import type { Unanswered } from '../shape/connection.js';
import type { RequestId } from './messages.js';

export interface OpenRequests extends Unanswered {
  sent(id: RequestId): void;
  answered(id: RequestId): void;
}

export function createOpenRequests(): OpenRequests {
  const open = new Map<RequestId, { readonly over: Promise<void>; readonly end: () => void }>();
  return {
    sent(id) {
      let end = (): void => {};
      const over = new Promise<void>((resolve) => (end = resolve));
      open.set(id, { over, end });
    },
    answered(id) {
      open.get(id)?.end();
      open.delete(id);
    },
    all: async () => void (await Promise.all([...open.values()].map(({ over }) => over))),
    forget() {
      for (const { end } of open.values()) end();
      open.clear();
    },
  };
}
