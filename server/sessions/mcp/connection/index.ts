/** Connections to MCP servers. */
import { describe } from '../../../errors/describe.js';
import { messageOf } from '../../../errors/message-of.js';
import type { Outbound } from '../../model/endpoint/outbound.js';
import type {
  AccessTokens,
  ConnectionEvents,
  Fault,
  JsonObject,
  McpConnection,
  McpTool,
  RequestLimits,
  ServerFacts,
  ServerPipe,
  ServerTransport,
  ToolResult,
  Unanswered,
} from '../shape/connection.js';
import { faultOf, progressText } from './answers.js';
import { authorizedFetch } from './authorized-fetch.js';
import { handshake } from './handshake.js';
import { outboundFetch } from './outbound-fetch.js';
import { createOpenRequests, type OpenRequests } from './open-requests.js';
import { pipeTransport } from './pipe-transport.js';
import { objectsOf, ServerProtocol, textOrNull } from './protocol.js';
import { answerServer } from './server-requests.js';
import { listTools } from './tool-list.js';

/** Where the server is. */
export type ServerPlace =
  | { readonly kind: 'pipe'; readonly pipe: ServerPipe }
  | {
      readonly kind: 'http';
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
      readonly outbound: Outbound;
      /** Null: the headers have what is needed. */
      readonly tokens: AccessTokens | null;
      /** In milliseconds: until an answer begins. */
      readonly headTimeoutMs: number;
    };

export interface ConnectOptions {
  readonly place: ServerPlace;
  readonly events: ConnectionEvents;
  /** Of handshake and list together. */
  readonly limits: RequestLimits;
}

/** What failed: `initialize`, or what comes behind it. */
export type Connected =
  | { readonly ok: true; readonly connection: McpConnection }
  | { readonly ok: false; readonly step: 'initialize' | 'tools/list'; readonly fault: Fault };

/** Shakes hands and lists the tools. What fails is closed. Rejects with the signal's reason when it is aborted. */
export async function connect({ place, events, limits }: ConnectOptions): Promise<Connected> {
  const until = performance.now() + limits.timeoutMs;
  const open = createOpenRequests();
  const transport = await transportOf(place, open, events);
  const connection = new Connection(transport, events, open);
  const { protocol } = connection;
  const failed = async (step: 'initialize' | 'tools/list', fault: Fault): Promise<Connected> => {
    await connection.close();
    // However little is left for the list: the time is that of the whole start.
    return { ok: false, step, fault: fault.kind === 'timeout' ? { ...fault, ms: limits.timeoutMs } : fault };
  };
  try {
    await protocol.connect(transport);
    const facts = await handshake(protocol, transport, limits);
    if (!facts.ok) return await failed('initialize', facts.fault);
    const timeoutMs = Math.max(1, Math.round(until - performance.now()));
    const tools = await listTools(protocol, { ...limits, timeoutMs });
    if (!tools.ok) return await failed('tools/list', tools.fault);
    connection.established(facts.result, tools.result, limits.timeoutMs);
    return { ok: true, connection };
  } catch (error) {
    if (!limits.signal.aborted) return failed('initialize', faultOf(error));
    await connection.close();
    throw error;
  }
}

async function transportOf(place: ServerPlace, open: OpenRequests, events: ConnectionEvents): Promise<ServerTransport> {
  if (place.kind === 'pipe') return pipeTransport(place.pipe, open, (message) => events.report(message));
  const { url, headers, outbound, tokens, headTimeoutMs } = place;
  const { httpTransport } = await import('./mcp-sdk.js');
  return httpTransport(url, { fetch: authorizedFetch(outboundFetch(outbound, headTimeoutMs), tokens), headers });
}

/** How long a server has to say goodbye, in milliseconds. */
const GOODBYE_MS = 1_000;

class Connection implements McpConnection {
  #facts: ServerFacts = { serverInfo: null, capabilities: null, instructions: null };
  #tools: readonly McpTool[] = [];
  #listing: Promise<void> | null = null;
  #listAgain = false;
  #listMs = 0;
  #state: 'new' | 'established' | 'closed' = 'new';
  #ended: Promise<void> | null = null;
  readonly #gone = new AbortController();
  readonly protocol: ServerProtocol;
  readonly #transport: ServerTransport;
  readonly #events: ConnectionEvents;
  readonly unanswered: Unanswered;

  constructor(transport: ServerTransport, events: ConnectionEvents, unanswered: Unanswered) {
    this.unanswered = unanswered;
    this.protocol = new ServerProtocol({ ended: () => this.#lost(), report: (message) => events.report(message) });
    this.#transport = transport;
    this.#events = events;
    answerServer(this.protocol, events, { toolsChanged: () => void this.#relist() });
  }

  established(facts: ServerFacts, tools: readonly McpTool[], listMs: number): void {
    this.#facts = facts;
    this.#tools = tools;
    this.#listMs = listMs;
    if (this.#state === 'new') this.#state = 'established';
    if (this.#listAgain) void this.#relist();
  }

  get facts(): ServerFacts {
    return this.#facts;
  }

  get tools(): readonly McpTool[] {
    return this.#tools;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  call: McpConnection['call'] = async ({ name, arguments: args, meta, onProgress }, limits) => {
    const answer = await this.protocol.request(
      {
        method: 'tools/call',
        params: { _meta: meta, name, ...(args === null ? {} : { arguments: args }) },
        result: toolResult,
        onProgress: (progress) => onProgress?.(progressText(progress)),
      },
      limits,
    );
    return answer.ok || answer.fault.kind !== 'unauthorized' ? answer : { ok: true, result: loginWanted(answer.fault) };
  };

  page: McpConnection['page'] = (of, cursor, limits) => {
    const method = of === 'resources' ? 'resources/list' : 'resources/templates/list';
    const result = (value: JsonObject) => {
      const entries = objectsOf(value[of]);
      return entries === null ? null : { entries, nextCursor: textOrNull(value.nextCursor) };
    };
    return this.protocol.request({ method, params: cursor === null ? {} : { cursor }, result }, limits);
  };

  readResource: McpConnection['readResource'] = (uri, limits) => {
    const result = (value: JsonObject) => objectsOf(value.contents);
    return this.protocol.request({ method: 'resources/read', params: { uri }, result }, limits);
  };

  close(): Promise<void> {
    this.#state = 'closed';
    this.#gone.abort(new Error('the connection was closed'));
    this.#ended ??= this.#goodbye();
    return this.#ended;
  }

  async #goodbye(): Promise<void> {
    try {
      const goodbye = this.#transport.terminateSession?.();
      if (goodbye !== undefined) await Promise.race([goodbye, pause(GOODBYE_MS)]);
      await this.#transport.close();
    } catch (error) {
      const [message, fields] = describe('the connection was not closed in order', error);
      this.#events.report(`${message} ${JSON.stringify(fields)}`);
    }
  }

  #lost(): void {
    const was = this.#state;
    this.#state = 'closed';
    this.#gone.abort(new Error('the connection ended'));
    if (was === 'established') this.#events.lost();
  }

  /** Once more behind a list that is under way: it may be older than the news. */
  async #relist(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#listAgain = true;
    if (this.#state === 'new' || this.#listing !== null) return;
    const list = async (): Promise<void> => {
      for (let rounds = 0; this.#listAgain && rounds < MAX_RELISTS; rounds++) {
        this.#listAgain = false;
        const answer = await listTools(this.protocol, { timeoutMs: this.#listMs, signal: this.#gone.signal });
        if (!answer.ok) return this.#events.report('the changed list of tools cannot be read: the one before counts');
        this.#tools = answer.result;
        this.#events.toolsChanged();
      }
    };
    this.#listing = list()
      .catch((error: unknown) => this.#events.report(messageOf(error)))
      .finally(() => (this.#listing = null));
    await this.#listing;
  }
}

/** What the official program makes of a call that the server refuses for its token. */
const loginWanted = ({ challenge }: Fault & { readonly kind: 'unauthorized' }): ToolResult => ({
  content: [{ type: 'text', text: 'Authentication required' }],
  isError: true,
  ...(challenge === null ? {} : { _meta: { 'mcp/www_authenticate': [challenge] } }),
});

/** A server that changes its list while it lists is asked so often; then the list counts that it gave last. */
const MAX_RELISTS = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

function toolResult(value: JsonObject): ToolResult | null {
  const content = objectsOf(value.content);
  if (content === null) return null;
  const blocks = content.filter((block): block is typeof block & { readonly type: string } => isBlock(block));
  return blocks.length === content.length ? { ...value, content: blocks } : null;
}

/** Blocks of kinds that nobody knows yet are the model's to read; a known kind needs its own members. */
function isBlock(block: JsonObject): boolean {
  if (typeof block.type !== 'string') return false;
  if (block.type === 'text') return typeof block.text === 'string';
  return block.type !== 'image' || (typeof block.data === 'string' && typeof block.mimeType === 'string');
}
