import t from 'tap';
import { seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { SeatbeltNetwork } from '../../../server/sandbox/macos/network-rules.js';
import type { Question } from './evaluator.js';
import { inAll, samplePlan } from './sample.js';

t.test('services: users in every sandbox, certificates where there is a network, never a way out', async (t) => {
  const lookUp = (name: string): Question => ({ operation: 'mach-lookup', name });
  const text = (network: SeatbeltNetwork): string => seatbeltPolicy(samplePlan(), { network, mark: 'codexd.mark.1' });
  const networks: readonly SeatbeltNetwork[] = [{ kind: 'offline' }, { kind: 'lane', ports: [1] }, { kind: 'direct' }];
  for (const network of networks) {
    const check = (question: Question, wanted: boolean): void =>
      inAll(t, `${network.kind} ${JSON.stringify(question)}`, wanted, (policy) => policy(question), text(network));
    check(lookUp('com.apple.system.opendirectoryd.libinfo'), true);
    check(lookUp('codexd.mark.1'), true);
    check(lookUp('codexd.mark.2'), false);
    for (const name of ['com.apple.trustd.agent', 'com.apple.SystemConfiguration.configd'])
      check(lookUp(name), network.kind !== 'offline');
    for (const name of [
      'com.apple.SecurityServer',
      'com.apple.pasteboard.1',
      'com.apple.coreservices.appleevents',
      'com.apple.coreservices.launchservicesd',
      'com.apple.mDNSResponder',
      'com.apple.dnssd.service',
      'com.apple.cfprefsd.agent',
      'com.apple.windowserver.active',
    ])
      check(lookUp(name), false);
    for (const operation of ['mach-register', 'job-creation', 'appleevent-send', 'lsopen', 'iokit-open', 'file-mount'])
      check({ operation }, false);
    check({ operation: 'signal', sameSandbox: true }, true);
    check({ operation: 'signal', sameSandbox: false }, false);
    check({ operation: 'process-info-pidinfo', sameSandbox: false }, false);
    check({ operation: 'sysctl-read', name: 'hw.ncpu' }, true);
    for (const name of ['kern.procargs2', 'kern.proc.all', 'kern.proc.pid.1'])
      check({ operation: 'sysctl-read', name }, false);
    check({ operation: 'system-socket', domain: 'AF_SYSTEM' }, network.kind !== 'offline');
  }
});
