/** Mutated bytes over real connections to the real proxies, with a real upstream. */
import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createNetworkApproval } from '../../../server/network-approval/approval-service.js';
import { createDecisionLog } from '../../../server/network-approval/audit/decision-log.js';
import { silentLogger } from '../../../server/log/log.js';
import { policyOf } from '../support/policy.js';
import { loopbackPool, portsOf } from '../support/service.js';
import { MESSAGE_WORDS, MESSAGES, SOCKS, SOCKS_WORDS } from './corpus.js';
import { mutate, random } from './random.js';
import type { Found } from './run.js';

/**
 * Connections at once; milliseconds that one may take: a head that is not whole waits for more until its sender ends.
 */
const AT_ONCE = 64;
const LIMIT_MS = 10_000;

/** null: nothing was found. */
export async function overSocket(runs: number, seed: number): Promise<Found | null> {
  const hosts: string[] = [];
  const upstream = http.createServer((request, response) => {
    hosts.push(request.headers.host ?? 'none');
    request.resume().on('error', () => {});
    response.end('up');
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const { port } = upstream.address() as AddressInfo;
  const warnings: string[] = [];
  const log = {
    ...silentLogger,
    warn: (text: string, fields?: object) => void warnings.push(`${text} ${JSON.stringify(fields)}`),
  };
  const service = createNetworkApproval({
    log: { ...log, child: () => log },
    decisionLog: createDecisionLog(),
    sandbox: { status: async () => ({ available: false, reason: 'not used here', fix: '' }) },
    lanes: loopbackPool(),
    resolver: {
      lookup: async (name) => {
        if (name === 'ok.test') return ['127.0.0.1'];
        throw new Error('ENOTFOUND');
      },
    },
  });
  const registration = await service.register({
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    argv: ['true'],
    cwd: '/',
    policy: policyOf({ 'ok.test': 'allow' }, { allowLocalBinding: true }),
    onDenial: 'refuse',
  });
  const ports = portsOf(registration);
  const messages = MESSAGES.map((bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll('ok.test', `ok.test:${port}`), 'latin1'),
  );
  const from = random(seed);
  let left = runs;
  let found: Found | null = null;
  const worker = async (): Promise<void> => {
    while (left-- > 0 && found === null) {
      const socks = from.below(4) === 0;
      const input = socks ? mutate(SOCKS, SOCKS_WORDS, from) : mutate(messages, MESSAGE_WORDS, from);
      const cut = from.below(input.length + 1);
      const name = socks ? 'socks over a socket' : 'http over a socket';
      try {
        const answer = await send(socks ? ports.socks : ports.http, input, cut);
        if (!socks && answer !== '') assert.match(answer, /^HTTP\/1\.[01] [1-5][0-9][0-9] /, 'no HTTP answer');
        assert.deepEqual(warnings, [], 'a fault of the proxy itself');
        const foreign = hosts.filter((host) => !/^ok\.test(:\d+)?$/.test(host));
        assert.deepEqual(foreign, [], 'the upstream sees another Host');
        hosts.length = 0;
      } catch (error) {
        found ??= { check: name, input, cut, error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (found === null) {
    const control = await send(
      ports.http,
      Buffer.from(`GET http://ok.test:${port}/ HTTP/1.1\r\nHost: ok.test:${port}\r\nConnection: close\r\n\r\n`),
      3,
      false,
    );
    if (!/^HTTP\/1\.1 200 .*up$/s.test(control))
      found = { check: 'the control', input: Buffer.alloc(0), cut: 0, error: control };
  }
  registration.finish({ treeGone: true });
  await service.close();
  upstream.closeAllConnections();
  upstream.close();
  return found;
}

/**
 * The bytes that come back until the other side ends. The test's own end follows the input directly, so that nothing
 * waits for more.
 */
function send(port: number, input: Buffer, cut: number, ends = true): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('it hangs'));
    }, LIMIT_MS);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => (received += piece));
    socket.on('error', () => {}); // a reset is an answer too
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    socket.on('end', () => socket.end());
    socket.write(input.subarray(0, cut));
    setImmediate(() => (ends ? socket.end(input.subarray(cut)) : socket.write(input.subarray(cut))));
  });
}
