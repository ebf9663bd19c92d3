import t from 'tap';
import { sandboxMembers } from '../../../server/system/darwin/sandbox-members.js';

/** Which services each process may look up, as the kernel would say. */
const kernel =
  (allowed: Readonly<Record<number, (service: string) => boolean>>) =>
  (pid: number, service: string): number => {
    const may = allowed[pid];
    return may === undefined ? -1 : may(service) ? 0 : 1;
  };

t.test('a process belongs to the sandbox whose mark it may look up', async (t) => {
  const mayLookUp = kernel({
    1: () => true,
    10: (service) => service === 'codexd.command.a' || service === 'com.apple.trustd.agent',
    20: (service) => service === 'codexd.command.b',
    30: () => false,
  });
  const { has, isSandboxed } = sandboxMembers({ mayLookUp });
  t.strictSame([1, 10, 30, 99].map(isSandboxed), [false, true, true, true]);
  t.ok(has('codexd.command.a', 10));
  t.notOk(has('codexd.command.b', 10), 'another sandbox');
  t.notOk(has('codexd.command.a', 20));
  t.notOk(has('codexd.command.a', 30));
  t.notOk(has('codexd.command.a', 1), 'a process without a sandbox may look up everything');
  t.notOk(has('codexd.command.a', 99), 'a process that is gone');
});
