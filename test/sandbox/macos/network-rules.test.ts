import t from 'tap';
import { seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { SeatbeltNetwork } from '../../../server/sandbox/macos/network-rules.js';
import type { Question } from './evaluator.js';
import { inAll, samplePlan } from './sample.js';

t.test('the network: closed, the ports of the lane, or open', async (t) => {
  const text = (network: SeatbeltNetwork): string => seatbeltPolicy(samplePlan(), { network, mark: null });
  const tcp = (host: string, port: number): Question => ({
    operation: 'network-outbound',
    host,
    port,
    transport: 'tcp',
  });
  const socket = (path: string): Question => ({ operation: 'network-outbound', path });
  const RESOLVER = '/private/var/run/mDNSResponder';
  const check = (network: SeatbeltNetwork, question: Question, wanted: boolean): void =>
    inAll(t, `${network.kind} ${JSON.stringify(question)}`, wanted, (policy) => policy(question), text(network));

  const lane: SeatbeltNetwork = { kind: 'lane', ports: [3128, 1080] };
  check(lane, tcp('127.0.0.1', 3128), true);
  check(lane, tcp('127.0.0.1', 1080), true);
  for (const question of [
    tcp('127.0.0.1', 3129),
    tcp('::1', 80),
    tcp('192.0.2.1', 3128),
    { ...tcp('127.0.0.1', 3128), transport: 'udp' } as const,
    { ...tcp('127.0.0.1', 53), transport: 'udp' } as const,
    socket(RESOLVER),
    socket('/Users/u/w/s'),
    { operation: 'network-bind', host: '127.0.0.1', port: 8080, transport: 'tcp' } as const,
    { operation: 'network-inbound', host: '127.0.0.1', port: 8080, transport: 'tcp' } as const,
  ]) {
    check(lane, question, false);
    check({ kind: 'offline' }, question, false);
  }
  check({ kind: 'offline' }, tcp('127.0.0.1', 3128), false);
  for (const question of [tcp('192.0.2.1', 443), tcp('127.0.0.1', 1), socket(RESOLVER), socket('/Users/u/w/s')])
    check({ kind: 'direct' }, question, true);
  for (const hidden of ['/Users/u/.codex/run/socket', '/Users/u/w/a "quoted" \\ name'])
    check({ kind: 'direct' }, socket(hidden), false);
  for (const ports of [[], [0], [65536], [1.5], [Number.NaN]])
    t.throws(() => text({ kind: 'lane', ports }), RangeError);
});
