/**
 * Runs inside a proxied command: opens a tunnel through the proxy of its environment, reads until the other side
 * closes, and prints MiB per second.
 *
 * `node tunnel.js HOST:PORT BYTES`
 */
import net from 'node:net';

const [, , authority = '', bytes = '0'] = process.argv;
const proxy = new URL(process.env['HTTP_PROXY'] ?? '');
const socket = net.connect({ host: proxy.hostname, port: Number(proxy.port) });
let head = Buffer.alloc(0);
let start = 0;
let received = 0;

socket.on('connect', () => socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`));
socket.on('data', (chunk: Buffer) => {
  if (start !== 0) return void (received += chunk.length);
  head = Buffer.concat([head, chunk]);
  const end = head.indexOf('\r\n\r\n');
  if (end === -1) return;
  if (!head.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(`no tunnel: ${head.toString('latin1')}`);
  start = performance.now();
  received = head.length - end - 4;
});
socket.on('close', () => {
  const seconds = (performance.now() - start) / 1000;
  if (received !== Number(bytes)) throw new Error(`${received} of ${bytes} bytes arrived`);
  console.log(String(received / 1024 / 1024 / seconds));
});
