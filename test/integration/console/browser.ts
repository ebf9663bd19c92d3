/** Requests as a browser, or an attacker, sends them to a listener with the console. */
import http from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer; 101 for an upgrade that was accepted, which is closed at once. */
export function send(port: number, { method = 'GET', path = '/', headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' });
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

export const own = (port: number): Readonly<Record<string, string>> => ({ origin: `http://127.0.0.1:${port}` });

/** Exchanges a token as the page does. */
export const exchange = (port: number, token: string): Promise<Answer> =>
  send(port, {
    method: 'POST',
    path: '/console/session',
    headers: { ...own(port), 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });

/** The pair of the cookie that an answer sets. */
export const cookieOf = ({ headers }: Answer): string => /^[^;]*/.exec(headers['set-cookie']?.[0] ?? '')![0];

/** The token of the link that the daemon printed. */
export function printedToken(stderr: string): string {
  const [, token] = /^console: http:\/\/127\.0\.0\.1:\d+\/#([\w-]{43})$/m.exec(stderr) ?? [];
  if (token === undefined) throw new Error(`no link was printed: ${stderr}`);
  return token;
}
