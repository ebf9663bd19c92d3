import t from 'tap';
import { operatorOptions } from '../../server/app/operator-options.js';
import type { DaemonParts } from '../../server/app/daemon-parts.js';
import { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { silentLogger } from '../../server/log/log.js';
import { createDecisionLog } from '../../server/network-approval/audit/decision-log.js';
import { decision } from '../network-approval/support/decision.js';
import { fakeClient } from '../operator/support.js';

t.test('the setting is read each time, and counts come from the parts', async (t) => {
  const table: { codexd?: { operators: string } } = {};
  const log = createDecisionLog();
  log.record(decision('a.example'));
  log.record(decision('b.example', { verdict: 'deny' }));
  const supervisor = { counts: () => ({ started: 5, running: 2 }) };
  const parts = {
    log: silentLogger,
    rpc: () => ({ connections: () => [1, 2, 3], questions: { list: () => [] } }),
    sessions: { made: () => null },
    commands: () => Promise.resolve({ supervisor, observed: createObservedCommands() }),
    decisions: () => Promise.resolve({ log }),
    configuration: () => Promise.resolve({ source: { resolve: () => ({ effective: { table } }) } }),
  } as unknown as DaemonParts;
  const { may, overview, subscribedThreads } = await operatorOptions(parts);
  t.equal(may(), 'see');
  table.codexd = { operators: 'answer' };
  t.equal(may(), 'answer');
  t.equal(subscribedThreads(fakeClient(1).caller), 0, 'no thread is loaded');
  t.match(await overview.counts(), {
    connections: 3,
    runningCommands: 2,
    commandsStarted: 5,
    decisionsAllowed: 1,
    decisionsDenied: 1,
  });
});
