/** Tells the endpoint who sends a request: headers and metadata of docs/protocol/turns.md §3. */
import type { ModelRequest } from '../provider/model-provider.js';

export function identityHeaders(request: ModelRequest, installationId: string): Record<string, string> {
  const { identity } = request;
  return {
    originator: identity.originator,
    'user-agent': identity.userAgent,
    'session-id': identity.threadId,
    'thread-id': identity.threadId,
    'x-client-request-id': identity.threadId,
    'x-codex-window-id': windowId(request),
    'x-codex-turn-metadata': turnMetadata(request, installationId),
  };
}

export function identityMetadata(request: ModelRequest, installationId: string): Record<string, string> {
  const { identity } = request;
  return {
    session_id: identity.threadId,
    thread_id: identity.threadId,
    turn_id: identity.turnId,
    'x-codex-installation-id': installationId,
    'x-codex-window-id': windowId(request),
    'x-codex-turn-metadata': turnMetadata(request, installationId),
  };
}

function turnMetadata({ identity, model }: ModelRequest, installationId: string): string {
  // A header cannot contain characters beyond Latin-1, but the name of a configured model may have them.
  return JSON.stringify({
    installation_id: installationId,
    session_id: identity.threadId,
    thread_id: identity.threadId,
    turn_id: identity.turnId,
    window_id: `${identity.threadId}:${identity.window}`,
    window_number: identity.window,
    request_kind: identity.kind,
    sandbox: identity.sandbox,
    turn_started_at_unix_ms: identity.turnStartedAtMs,
    model,
  }).replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const windowId = ({ identity }: ModelRequest): string => `${identity.threadId}:${identity.window}`;
