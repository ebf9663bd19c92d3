/** The connection to the daemon, with what the person must know about it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { connectWebSocket, OPERATOR_CAPABILITY, type Client, type ClientState } from '../../typescript/browser.js';
import type { Session } from './session.js';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly cause: string }
  /** The session ended: only another link helps. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Link {
  readonly state: ReadonlySignal<LinkState>;
  readonly client: Promise<Client>;
}

export interface LinkOptions {
  readonly url: string;
  readonly version: string;
  readonly onMessage: (direction: 'sent' | 'received', text: string) => void;
  /** After each connection, the first one included: what was known may be old. */
  readonly onConnected: (client: Client) => void;
  /** Whether the cookie is still good: the browser does not say why an upgrade failed. */
  readonly checkSession: () => Promise<Session>;
}

/** Milliseconds between two attempts to connect at all. */
const FIRST_RETRY_MS = 1000;

/** Connects, and connects again for as long as the session is good. */
export function openLink(options: LinkOptions): Link {
  const state = signal<LinkState>({ kind: 'connecting' });

  const refused = async (): Promise<boolean> => {
    // A daemon that does not run answers nothing; it may come back.
    const session = await options.checkSession().catch(() => null);
    if (session?.kind !== 'refused') return false;
    state.value = session;
    return true;
  };

  const connect = async (): Promise<Client> => {
    for (let attempt = 1; ; attempt++) {
      try {
        let client: Client | null = null;
        const connected = await connectWebSocket(options.url, {
          clientInfo: { name: 'codexd-console', title: 'codexd console', version: options.version },
          capabilities: { experimentalApi: true, extensions: { [OPERATOR_CAPABILITY]: {} } },
          reconnect: { maxAttempts: Infinity, maxDelayMs: 3000 },
          onMessage: options.onMessage,
          onState: (next) => {
            if (client !== null) follow(client, next);
          },
        });
        client = connected;
        state.value = { kind: 'connected' };
        options.onConnected(connected);
        return connected;
      } catch (error) {
        if (await refused()) throw error;
        state.value = { kind: 'reconnecting', attempt, cause: (error as Error).message };
        await new Promise((resolve) => setTimeout(resolve, FIRST_RETRY_MS));
      }
    }
  };

  const follow = (client: Client, next: ClientState): void => {
    if (next.kind === 'connected') {
      state.value = { kind: 'connected' };
      options.onConnected(client);
    } else if (next.kind === 'reconnecting') {
      state.value = { kind: 'reconnecting', attempt: next.attempt, cause: next.cause.message };
      void refused().then((gone) => {
        if (gone) void client.close();
      });
    }
  };

  return { state, client: connect() };
}
