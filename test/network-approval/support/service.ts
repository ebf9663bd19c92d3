import type { Test } from 'tap';
import net, { type AddressInfo } from 'node:net';
import { createDecisionLog, type DecisionLog } from '../../../server/network-approval/audit/decision-log.js';
import {
  createNetworkApproval,
  type NetworkApprovalOptions,
} from '../../../server/network-approval/approval-service.js';
import type { LaneTurn } from '../../../server/network-approval/lanes/lane-turn.js';
import type { LanePool } from '../../../server/network-approval/lanes/lanes.js';
import type {
  NetworkApproval,
  RegisterOptions,
  Registration,
} from '../../../server/network-approval/registration/registration.js';
import { silentLogger } from '../../../server/log/log.js';
import { policyOf } from './policy.js';

/** Turns on the host's loopback instead of a namespace's: the proxies are the real ones, and need no privileges. */
export function loopbackPool(): LanePool {
  const turns = new Set<LaneTurn>();
  return {
    async acquire() {
      const servers = [0, 1].map(() => net.createServer({ allowHalfOpen: true, noDelay: true }));
      await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
      const [http, socks] = servers as [net.Server, net.Server];
      const turn: LaneTurn = {
        enter: [],
        networkNamespace: 0,
        httpPort: (http.address() as AddressInfo).port,
        socksPort: (socks.address() as AddressInfo).port,
        accept(onHttp, onSocks) {
          http.on('connection', onHttp);
          socks.on('connection', onSocks);
        },
        end() {
          for (const server of servers) server.close();
          turns.delete(turn);
        },
      };
      turns.add(turn);
      return turn;
    },
    warm() {},
    counts: () => ({ idle: 0, inUse: turns.size, made: turns.size, slots: 0 }),
    async close() {
      for (const turn of [...turns]) turn.end({ reusable: false });
    },
  };
}

export interface TestService {
  readonly service: NetworkApproval;
  readonly decisions: DecisionLog;
  readonly warnings: string[];
}

/** Names ending in `.test` and localhost are this machine; nothing else resolves. */
export function startService(t: Test, options: Partial<NetworkApprovalOptions> = {}): TestService {
  const decisions = createDecisionLog();
  const warnings: string[] = [];
  const log = {
    ...silentLogger,
    warn: (message: string, fields?: object) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const service = createNetworkApproval({
    log: { ...log, child: () => log },
    decisionLog: decisions,
    sandbox: { status: async () => ({ available: false, reason: 'not used here', fix: '' }) },
    lanes: loopbackPool(),
    resolver: {
      lookup: async (name) => {
        if (!/(^|\.)(test|localhost)$/.test(name) || name.startsWith('unknown')) throw new Error('ENOTFOUND');
        return ['127.0.0.1'];
      },
    },
    ...options,
  });
  t.teardown(() => service.close());
  return { service, decisions, warnings };
}

let requests = 0;

/** A command that is allowed `ok.test` and below, denied `evil.test`, on this machine. */
export function register(service: NetworkApproval, changes: Partial<RegisterOptions> = {}): Promise<Registration> {
  return service.register({
    owner: { kind: 'connection', connectionId: 1, requestId: ++requests, processId: null },
    argv: ['true'],
    cwd: '/',
    policy: policyOf({ '**.ok.test': 'allow', 'evil.test': 'deny' }, { allowLocalBinding: true }),
    onDenial: 'refuse',
    ...changes,
  });
}

/** The ports that the command's environment names. */
export function portsOf(registration: Registration): { readonly http: number; readonly socks: number } {
  const port = (name: string): number => Number(new URL(registration.lane?.environment[name] ?? '').port);
  return { http: port('HTTP_PROXY'), socks: port('ALL_PROXY') };
}
