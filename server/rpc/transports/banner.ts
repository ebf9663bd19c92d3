/**
 * The banner of a WebSocket listener on stderr after its start (docs/protocol/transport.md §7). Tools read the address
 * from it.
 */
export function listenerBanner(address: string): string {
  const local = /^(127\.|\[::1\])/.test(address);
  const note = local
    ? 'binds localhost only (use SSH port-forwarding for remote access)'
    : 'reachable from the network without TLS (put a TLS proxy in front of it)';
  return [
    'codex app-server (WebSockets)',
    `  listening on: ws://${address}`,
    `  readyz: http://${address}/readyz`,
    `  healthz: http://${address}/healthz`,
    `  note: ${note}`,
    '',
  ].join('\n');
}

/** The banner of a unix socket on stderr, once clients can connect. `file`: absolute. */
export const unixSocketBanner = (file: string): string =>
  `codex app-server (unix socket)\n  listening on: unix://${file}\n`;
