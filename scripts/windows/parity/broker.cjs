/**
 * Runs under Wine, with Windows' Node: starts programs with Windows' own pipes, because they cannot use Linux' pipes,
 * and carries what they read and write over one connection of 127.0.0.1 each.
 *
 * node broker.cjs PORT_FILE SECRET
 *
 * A connection begins with {secret, file, args, env, cwd}. Then it carries messages, one JSON object per line:
 * {in} (base64), {end} and {kill} to the program; {out}, {err} (base64), {exit} and {error} from it. A connection that
 * closes ends its program.
 */
'use strict';
const fs = require('node:fs');
const net = require('node:net');
const { spawn } = require('node:child_process');

const [portFile = '', secret] = process.argv.slice(2);

/**
 * @typedef {{ secret: string, file: string, args: string[], env: Record<string, string>, cwd: string }} Start
 * @typedef {{ in?: string, end?: boolean, kill?: boolean }} Message
 */

const server = net.createServer((socket) => {
  /** @type {import('node:child_process').ChildProcessWithoutNullStreams | undefined} */
  let child;
  let rest = '';
  const take = (/** @type {Start & Message} */ message) => {
    if (child === undefined) {
      if (message.secret === secret) child = start(message, socket);
      else socket.destroy();
      return;
    }
    if (message.in !== undefined) child.stdin.write(Buffer.from(message.in, 'base64'));
    if (message.end) child.stdin.end();
    if (message.kill) child.kill();
  };
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (text) => {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line));
  });
  socket.on('close', () => child?.kill());
});

/**
 * @param {Start} what
 * @param {net.Socket} socket
 */
function start({ file, args, env, cwd }, socket) {
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe', windowsHide: true });
  const send = (/** @type {object} */ message) => socket.writable && socket.write(`${JSON.stringify(message)}\n`);
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (data) => send({ out: data.toString('base64') }));
  child.stderr.on('data', (data) => send({ err: data.toString('base64') }));
  child.on('error', (error) => {
    send({ error: error.message });
    socket.end();
  });
  child.on('close', (code) => {
    send({ exit: code });
    socket.end();
  });
  return child;
}

server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  fs.writeFileSync(`${portFile}.new`, String(port));
  fs.renameSync(`${portFile}.new`, portFile);
});
