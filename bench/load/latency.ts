/**
 * Runs inside a proxied command: sends one request after the other on one persistent connection, and prints the median
 * time of one request, in milliseconds.
 *
 * `node latency.js URL COUNT`
 */
import net from 'node:net';

const [, , url = '', count = '500'] = process.argv;
const proxy = new URL(process.env['HTTP_PROXY'] ?? '');
const request = Buffer.from(`GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
/** Requests that are not measured: they fill caches and warm up the just-in-time compiler. */
const WARM_UP = 200;

const socket = net.connect({ host: proxy.hostname, port: Number(proxy.port), noDelay: true });
socket.setEncoding('latin1');
const times: number[] = [];
for (let n = 0; n < WARM_UP + Number(count); n++) {
  const started = performance.now();
  await answered();
  if (n >= WARM_UP) times.push(performance.now() - started);
}
socket.destroy();
times.sort((a, b) => a - b);
console.log(String(times[times.length >> 1]));

/** Sends the request and resolves with its complete response. */
function answered(): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (piece: string): void => {
      text += piece;
      if (!text.endsWith('ok\n') && !text.endsWith('\r\n0\r\n\r\n')) return;
      if (!text.startsWith('HTTP/1.1 200')) return reject(new Error(`unexpected answer: ${text}`));
      socket.off('data', read);
      socket.off('error', reject);
      resolve();
    };
    socket.on('data', read);
    socket.on('error', reject);
    socket.write(request);
  });
}
