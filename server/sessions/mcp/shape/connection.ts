/**
 * A connection to an MCP server, as threads use it. What comes from a server is checked for what is used of it, and
 * kept as it is otherwise.
 */

import type { NetworkDenial } from '../../../network-approval/registration/denial.js';
import type { Prompter } from '../../../network-approval/registration/prompter.js';

/** A JSON object whose members nobody has checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A tool as the server describes it; everything but the name is as it came. */
export interface McpTool extends JsonObject {
  readonly name: string;
}

export interface ToolResult extends JsonObject {
  /** Each block has a `type`. */
  readonly content: readonly (JsonObject & { readonly type: string })[];
}

/** Why a request has no result. */
export type Fault =
  /** The server's own error. */
  | { readonly kind: 'rpc'; readonly code: number; readonly message: string; readonly data: unknown }
  | { readonly kind: 'timeout'; readonly ms: number }
  /** The connection ended before the answer. */
  | { readonly kind: 'closed' }
  /** The answer is none. */
  | { readonly kind: 'unusable' }
  /** A network request that the server made for it was refused. */
  | { readonly kind: 'denied'; readonly denial: NetworkDenial }
  /** HTTP 401: the server wants a login. `challenge`: its header `www-authenticate`; null: there was none. */
  | { readonly kind: 'unauthorized'; readonly challenge: string | null }
  /** Anything else, in words. */
  | { readonly kind: 'other'; readonly message: string };

export type Answer<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly fault: Fault };

export interface RequestLimits {
  readonly timeoutMs: number;
  /** Its abort tells the server, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** For whom the server works then. Absent: for no call of a turn. */
  readonly work?: CallWork;
}

/** A call of a turn, as a server on a network lane works for it. */
export interface CallWork {
  readonly turnId: string;
  readonly itemId: string;
  /** Receives prompts for the network requests of the server meanwhile; null: nobody is asked. */
  readonly prompter: Prompter | null;
  /** True: it waits for its turn, or for a person. False: it does no more. Both come in pairs. */
  waits(open: boolean): void;
}

/** The requests that a server has not answered, those that were cancelled included. */
export interface Unanswered {
  /** Resolves when those that are open now have their answers, or were forgotten. */
  all(): Promise<void>;
  /** Those that are open will not be answered. */
  forget(): void;
}

export type PageOf = 'resources' | 'resourceTemplates';

export interface Page {
  readonly entries: readonly JsonObject[];
  readonly nextCursor: string | null;
}

export interface McpConnection {
  /** What it said of itself in the handshake. */
  readonly facts: ServerFacts;
  /** All of them, as the server listed them last. */
  readonly tools: readonly McpTool[];
  readonly closed: boolean;
  readonly unanswered: Unanswered;
  call(call: ToolRequest, limits: RequestLimits): Promise<Answer<ToolResult>>;
  page(of: PageOf, cursor: string | null, limits: RequestLimits): Promise<Answer<Page>>;
  readResource(uri: string, limits: RequestLimits): Promise<Answer<readonly JsonObject[]>>;
  /** Says goodbye, and ends it within a second. Never rejects. */
  close(): Promise<void>;
}

export interface ServerFacts {
  readonly serverInfo: JsonObject | null;
  readonly capabilities: JsonObject | null;
  /** What it tells models about itself. */
  readonly instructions: string | null;
}

export interface ToolRequest {
  readonly name: string;
  /** Null: none. */
  readonly arguments: JsonObject | null;
  readonly meta: JsonObject;
  /** What the server says while it works. */
  readonly onProgress: ((message: string) => void) | null;
}

/** A question of the server for the person. */
export interface ServerQuestion {
  readonly params: JsonObject;
  /** Aborted when the server takes it back. */
  readonly signal: AbortSignal;
}

export interface ServerReply {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: unknown;
}

/** Whom a connection tells. */
export interface ConnectionEvents {
  ask(question: ServerQuestion): Promise<ServerReply>;
  /** The server has other tools now: `tools` has them. */
  toolsChanged(): void;
  /** It ended without being asked to. */
  lost(): void;
  /** For the log. */
  report(message: string): void;
}

/** The tokens for the requests to a server. */
export interface AccessTokens {
  /**
   * The one for the next request, renewed if it is about to expire; null: there is none. Rejects with the signal's
   * reason, or with the reason why an expired one cannot be renewed now.
   */
  current(signal: AbortSignal): Promise<string | null>;
  /** The server has refused this one. Another one, or null: a person has to log in. Rejects as `current` does. */
  after(refused: string, signal: AbortSignal): Promise<string | null>;
}

/** The bytes of a server that runs as a process. */
export interface ServerPipe {
  /** Call it once. What was written before is not lost. */
  listen(take: (piece: Buffer) => void, ended: () => void): void;
  write(data: Buffer): Promise<void>;
  /** End of file; after a second the process is ended. Resolves when it is gone. */
  close(): Promise<void>;
}

/** The words of the official program. `method`: of the request. */
export function faultText(fault: Fault, method: string): string {
  switch (fault.kind) {
    case 'rpc':
      return `Mcp error: ${fault.code}: ${fault.message}${fault.data === undefined ? '' : `(${JSON.stringify(fault.data)})`}`;
    case 'timeout':
      return `timed out awaiting ${method} after ${fault.ms % 60_000 === 0 ? `${fault.ms / 1000}s` : `${fault.ms}ms`}`;
    case 'closed':
      return 'Transport closed';
    case 'unusable':
      return 'Unexpected response type';
    case 'denied':
      return fault.denial.message;
    case 'unauthorized':
      return 'the server wants a login (HTTP 401)';
    case 'other':
      return fault.message;
  }
}

/** What carries the messages of a connection: pipes, or HTTP. */
export interface ServerTransport {
  onmessage?(message: JsonObject): void;
  onclose?(): void;
  onerror?(error: Error): void;
  start(): Promise<void>;
  /** Rejects when the message was not sent, or over HTTP also when it was refused. */
  send(message: JsonObject): Promise<void>;
  close(): Promise<void>;
  /** HTTP: the version that every request names from now on. */
  setProtocolVersion?(version: string): void;
  /** HTTP: says goodbye. */
  terminateSession?(): Promise<void>;
}
