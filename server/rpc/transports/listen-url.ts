/** Parses the values of `--listen` (docs/protocol/transport.md §6). */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { CodexdError } from '../../errors/codexd-error.js';

export type Transport =
  | { readonly kind: 'stdio' }
  /** `host` is an IP address; port 0 means any. */
  | { readonly kind: 'websocket'; readonly host: string; readonly port: number }
  /** Null: the default path in the Codex home. */
  | { readonly kind: 'unix'; readonly path: string | null }
  | { readonly kind: 'off' };

/** Throws an Error with a message about the mistake. Case-sensitive; nothing is trimmed. */
export function parseListenUrl(url: string): Transport {
  if (url === 'stdio://') return { kind: 'stdio' };
  if (url === 'off') return { kind: 'off' };
  if (url.startsWith('unix://')) return { kind: 'unix', path: url.slice('unix://'.length) || null };
  if (url.startsWith('ws://')) {
    const address = parseSocketAddress(url.slice('ws://'.length));
    if (address) return { kind: 'websocket', ...address };
    throw new CodexdError('cli.input', `invalid websocket --listen URL \`${url}\`; expected \`ws://IP:PORT\``);
  }
  throw new CodexdError(
    'cli.input',
    `unsupported --listen URL \`${url}\`; expected \`stdio://\`, \`unix://\`, \`unix://PATH\`, \`ws://IP:PORT\`, or \`off\``,
  );
}

function parseSocketAddress(text: string): { host: string; port: number } | undefined {
  const { v6, v4, digits } = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+)):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (digits === undefined || port > 65535) return undefined;
  if (v6 !== undefined && isIPv6(v6)) return { host: v6, port };
  if (v4 !== undefined && isIPv4(v4)) return { host: v4, port };
  return undefined;
}

/** 127.0.0.0/8 and ::1 (docs/protocol/transport.md §6). */
export function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1' || /^(0+:){7}0*1$/.test(host);
}

/** Whether a text is an origin as browsers write it, with http or https. */
export const isWebOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
