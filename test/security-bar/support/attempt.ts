/** Continues when the received text matches, or when nothing more can arrive. */
export interface Await {
  readonly answer: string;
}

/** An answer's head; a reply of SOCKS behind its method. */
export const HEAD: Await = { answer: '\\r\\n\\r\\n' };
export const REPLY: Await = { answer: '^..\\x05.{9}' };

/** One attempt of the hostile program, and its outcome. */
export interface Attempt {
  /** The command's own HTTP or SOCKS port, or an address to dial past them. */
  readonly via: 'http' | 'socks' | { readonly host: string; readonly port: number };
  /** Texts are octets as Latin-1; numbers are pauses in milliseconds; a pattern waits for an answer. */
  readonly send: readonly (string | number | Await)[];
  /** A pattern that ends the attempt; without it, the other side's end does. */
  readonly until?: string;
  /** Ends the sending side after the last text. */
  readonly endAfter?: boolean;
  /** Milliseconds after which the attempt is over in any case. */
  readonly limitMs?: number;
  /** TLS inside a tunnel that `send` requested; `received` is then the data through it. */
  readonly tls?: { readonly serverName: string | null; readonly send: string; readonly alpn?: readonly string[] };
}

export interface Outcome {
  /** As Latin-1. */
  readonly received: string;
  readonly ended: boolean;
  /** The code of a socket's failure, or `time is over`. */
  readonly error: string | null;
  readonly ms: number;
}

/** A plain request through the HTTP proxy; its connection ends with the answer. */
export const get = (url: string, host: string, more = ''): Attempt => ({
  via: 'http',
  send: [`GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`],
});

/** A tunnel, and a few bytes through it. */
export const connect = (authority: string, through = 'inside\r\n'): Attempt => ({
  via: 'http',
  send: [`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, HEAD, through],
  endAfter: true,
});

const GREETING = '\x05\x01\x00';
const port16 = (port: number): string => String.fromCharCode(port >> 8, port & 0xff);

/** SOCKS5 with a name, its octets unchanged. */
export const socksName = (name: string, port: number, through = ''): Attempt => ({
  via: 'socks',
  send: [`${GREETING}\x05\x01\x00\x03${String.fromCharCode(name.length)}${name}${port16(port)}`, REPLY, through],
  endAfter: true,
});

/** SOCKS5 with the octets of an IPv4 or IPv6 address. */
export const socksAddress = (octets: readonly number[], port: number, through = ''): Attempt => ({
  via: 'socks',
  send: [
    `${GREETING}\x05\x01\x00${octets.length === 4 ? '\x01' : '\x04'}${String.fromCharCode(...octets)}${port16(port)}`,
    REPLY,
    through,
  ],
  endAfter: true,
});
