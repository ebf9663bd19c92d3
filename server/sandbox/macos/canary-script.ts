/**
 * The script that tries the walls of a sandbox from inside, for Node's `-e`. Its one argument is a list of acts as
 * JSON; it writes the list of outcomes: `done`, or the code of the error. It knows no wall: proof.ts compares.
 */

/** What a canary does, and with what: paths, ports, addresses. */
export interface Act {
  readonly does: 'write' | 'read' | 'create' | 'rename' | 'link' | 'clone' | 'run' | 'signal' | Network;
  readonly with: readonly (string | number)[];
}
type Network = 'tcp' | 'udp' | 'unix' | 'listen';

/** How long an act of the network may take, in milliseconds. A wall answers at once. */
const LIMIT_MS = 2000;

export const CANARY_SCRIPT = `
const connected = (socket) => new Promise((resolve, reject) => {
  socket.setTimeout(${LIMIT_MS}, () => reject({ code: 'ETIMEDOUT' }));
  socket.once('connect', resolve).once('error', reject);
}).finally(() => socket.destroy());
const acts = {
  write: (file) => fs.appendFileSync(file, 'x'),
  read: (file) => { const fd = fs.openSync(file, 'r'); fs.readSync(fd, Buffer.alloc(1)); },
  create: (folder) => fs.mkdirSync(folder),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  clone: (from, to) => fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE_FORCE),
  run: (file) => { const { error } = child_process.spawnSync(file, { stdio: 'ignore' }); if (error) throw error; },
  signal: (pid) => process.kill(pid, 0),
  tcp: (host, port) => connected(net.connect({ host, port })),
  unix: (file) => connected(net.connect(file)),
  udp: (host, port) => new Promise((resolve, reject) => {
    const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4').once('error', reject);
    socket.send('x', port, host, (error) => { socket.close(); if (error) reject(error); else resolve(); });
  }),
  listen: (host) => new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject).listen(0, host, () => server.close(resolve));
  }),
};
(async () => {
  const outcomes = [];
  for (const act of JSON.parse(process.argv[1])) {
    try {
      await acts[act.does](...act.with);
      outcomes.push('done');
    } catch (error) {
      outcomes.push(String(error.code || error));
    }
  }
  process.stdout.write(JSON.stringify(outcomes));
})();
`;
