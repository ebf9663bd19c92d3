/**
 * What needs the official SDK: servers over HTTP, and logins. The SDK takes long to load, so this is a bundle of its
 * own (scripts/build.mjs), and servers on pipes do without it.
 */
import { StreamableHTTPClientTransport, type JSONRPCMessage } from '@modelcontextprotocol/client';
import type { Fetch } from './authorized-fetch.js';
import type { ServerTransport } from '../shape/connection.js';

export function httpTransport(
  url: URL,
  { fetch, headers }: { readonly fetch: Fetch; readonly headers: Readonly<Record<string, string>> },
): ServerTransport {
  const sdk = new StreamableHTTPClientTransport(url, { fetch, requestInit: { headers: { ...headers } } });
  const transport: ServerTransport = {
    start() {
      sdk.onmessage = (message) => transport.onmessage?.(message);
      sdk.onclose = () => transport.onclose?.();
      sdk.onerror = (error) => transport.onerror?.(error);
      return sdk.start();
    },
    send: (message) => sdk.send(message as JSONRPCMessage),
    close: () => sdk.close(),
    setProtocolVersion: (version) => sdk.setProtocolVersion(version),
    terminateSession: () => sdk.terminateSession(),
  };
  return transport;
}

export { findAuthorization } from './find-authorization.js';
export { authorizationOf } from './authorization.js';
export { oauthHttp } from './oauth-http.js';
