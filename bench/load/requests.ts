/**
 * Runs inside a proxied command: sends GET requests through the proxy of its environment, and prints requests per
 * second.
 *
 * `node requests.js URL keep-alive|fresh CONNECTIONS SECONDS`
 *
 * Uses raw sockets and a fixed request, because the generator has to be faster than the proxy.
 */
import net from 'node:net';

const [, , url = '', mode = 'keep-alive', connections = '16', seconds = '2'] = process.argv;
const proxy = new URL(process.env['HTTP_PROXY'] ?? '');
const target = new URL(url);
const close = mode === 'fresh' ? 'Connection: close\r\n' : '';
const request = Buffer.from(`GET ${url} HTTP/1.1\r\nHost: ${target.host}\r\n${close}\r\n`);
const EXPECTED = 'HTTP/1.1 200';
const BODY_END = 'ok\n';

let answered = 0;
const start = performance.now();
const end = start + Number(seconds) * 1000;
await Promise.all(Array.from({ length: Number(connections) }, worker));
console.log(String((answered / (performance.now() - start)) * 1000));

async function worker(): Promise<void> {
  while (performance.now() < end) await connection();
}

/** One connection: one request, or one request after the other until the time is over. */
function connection(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: proxy.hostname, port: Number(proxy.port), noDelay: true });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!complete(text)) return;
      if (!text.startsWith(EXPECTED)) return void socket.destroy(new Error(`unexpected answer: ${text}`));
      text = '';
      answered++;
      if (mode === 'fresh' || performance.now() >= end) socket.destroy();
      else socket.write(request);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/** Whether the text is a complete response: with a Content-Length, or chunked up to its last chunk. */
function complete(text: string): boolean {
  return (
    text.endsWith(BODY_END) ||
    text.endsWith('\r\n0\r\n\r\n') ||
    (!text.startsWith(EXPECTED) && text.includes('\r\n\r\n'))
  );
}
