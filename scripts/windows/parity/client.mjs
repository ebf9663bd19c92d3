/** A JSON-RPC client of a program under Wine, over stdio or WebSocket, that keeps every message in order. */
import { EventEmitter, once } from 'node:events';

/** In milliseconds: no answer within this time is a failure of the scenario. Wine on a busy machine is slow. */
const LIMIT_MS = 90_000;

/** @typedef {{ id?: string | number, method?: string, params?: any, result?: any, error?: any }} Message */

export class Client {
  /** @type {Message[]} */
  messages = [];
  /** @type {Record<string, unknown>} the results for requests of the server, by method */
  answers = {};
  #arrived = new EventEmitter();
  #next = 1;

  /** @param {(line: string) => void} send */
  constructor(send) {
    this.send = send;
    this.#arrived.setMaxListeners(0);
  }

  /** @param {string} line */
  take(line) {
    /** @type {Message} */
    const message = JSON.parse(line);
    this.messages.push(message);
    if (message.method !== undefined && message.id !== undefined && message.method in this.answers)
      this.send(JSON.stringify({ id: message.id, result: this.answers[message.method] }));
    this.#arrived.emit('message');
  }

  /**
   * The first message from number `from` on that matches.
   * @param {(message: Message) => boolean} matches
   * @param {string} what
   * @param {number} [from]
   */
  async find(matches, what, from = 0) {
    const signal = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const found = this.messages.slice(from).find(matches);
      if (found) return found;
      try {
        await once(this.#arrived, 'message', { signal });
      } catch {
        throw new Error(`no ${what} in ${LIMIT_MS} ms`);
      }
    }
  }

  /**
   * The whole response.
   * @param {string} method
   * @param {unknown} params
   */
  async request(method, params) {
    const id = this.#next++;
    this.send(JSON.stringify({ id, method, params }));
    return this.find((message) => message.id === id && message.method === undefined, `answer to ${method}`);
  }
}

/**
 * Connects to a listener that may still be starting.
 * @param {string} url
 * @param {() => boolean} ended the listener is gone
 */
export async function connect(url, ended) {
  // Packages may be installed only after this file is loaded (scripts/setup.mjs).
  const { WebSocket } = await import('ws');
  for (;;) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    try {
      await once(socket, 'open');
    } catch (error) {
      if (ended()) throw error;
      continue;
    }
    const client = new Client((line) => socket.send(line));
    socket.on('message', (data) => client.take(String(data)));
    return { client, close: () => socket.terminate() };
  }
}
