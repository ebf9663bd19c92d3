/** Every message of this page's own connection, as it was on the wire. */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface LoggedMessage {
  readonly number: number;
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  readonly kind: 'request' | 'response' | 'error' | 'notification';
  /** Of a response: the method of its request. */
  readonly method: string;
  readonly id: string | number | null;
  readonly text: string;
}

export interface ProtocolLog {
  /** Oldest first. */
  readonly messages: ReadonlySignal<readonly LoggedMessage[]>;
  readonly add: (direction: LoggedMessage['direction'], text: string) => void;
  readonly clear: () => void;
}

/** Of messages, and of characters in all of them. */
const KEPT = 2000;
const KEPT_CHARACTERS = 8 * 1024 * 1024;
/** The page shows the log at most this often, in milliseconds. */
const SHOWN_EVERY_MS = 100;

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly error?: unknown;
}

export function createProtocolLog(now: () => number = Date.now): ProtocolLog {
  const messages = signal<readonly LoggedMessage[]>([]);
  const kept: LoggedMessage[] = [];
  const asked = new Map<string, string>();
  let number = 0;
  let characters = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (): void => {
    timer = undefined;
    messages.value = [...kept];
  };
  return {
    messages,
    add: (direction, text) => {
      const { id = null, method, error } = JSON.parse(text) as Message;
      const asks = direction === 'sent' ? 'sent' : 'received';
      const answers = direction === 'sent' ? 'received' : 'sent';
      const kind =
        method === undefined ? (error === undefined ? 'response' : 'error') : id === null ? 'notification' : 'request';
      if (kind === 'request') asked.set(`${asks} ${id}`, method ?? '');
      const of = method ?? asked.get(`${answers} ${id}`) ?? '';
      if (method === undefined) asked.delete(`${answers} ${id}`);
      kept.push({ number: ++number, atMs: now(), direction, kind, method: of, id, text });
      characters += text.length;
      while (kept.length > KEPT || (characters > KEPT_CHARACTERS && kept.length > 1))
        characters -= kept.shift()?.text.length ?? 0;
      timer ??= setTimeout(show, SHOWN_EVERY_MS);
    },
    clear: () => {
      kept.length = 0;
      characters = 0;
      messages.value = [];
    },
  };
}

/** The messages that contain all words of the filter; `<` and `>` choose a direction. */
export function found(messages: readonly LoggedMessage[], filter: string): readonly LoggedMessage[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return messages;
  return messages.filter(({ direction, kind, method, text }) =>
    words.every((word) =>
      word === '>'
        ? direction === 'sent'
        : word === '<'
          ? direction === 'received'
          : kind === word || method.toLowerCase().includes(word) || text.toLowerCase().includes(word),
    ),
  );
}
