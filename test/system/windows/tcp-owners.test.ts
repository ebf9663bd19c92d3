import t from 'tap';
import { createTcpOwners } from '../../../server/system/windows/tcp-owners.js';
import { IPV4_ROWS, IPV6_ROWS, type TcpRow } from '../../../server/system/windows/tcp-table.js';
import { AF_INET } from '../../../server/system/windows/win32-network.js';
import { processList, tableOf } from './fixtures/tcp-rows.js';

const ends = { remoteAddress: '127.0.0.1', remotePort: 50_001, localAddress: '127.0.0.1', localPort: 45_001 };
/** The client's row of `ends`. */
const client: TcpRow = {
  local: '127.0.0.1',
  localPort: 50_001,
  remote: '127.0.0.1',
  remotePort: 45_001,
  pid: 100,
  made: 0n,
};
/** The daemon's own row of the same connection. */
const ours: TcpRow = { ...client, localPort: 45_001, remotePort: 50_001, pid: 1 };

interface System {
  v4?: readonly TcpRow[] | number | Error;
  v6?: readonly TcpRow[] | number | Error;
  processes?: readonly { readonly pid: number; readonly start: bigint }[] | number | Error;
}

function owners(system: System) {
  const asked = { tables: 0, processes: 0 };
  const owner = createTcpOwners({
    connections: async (family) => {
      const table = (family === AF_INET ? system.v4 : system.v6) ?? [];
      if (family === AF_INET) asked.tables++;
      if (table instanceof Error) throw table;
      return typeof table === 'number' ? table : tableOf(family === AF_INET ? IPV4_ROWS : IPV6_ROWS, table);
    },
    processes: async () => {
      asked.processes++;
      const { processes = [] } = system;
      if (processes instanceof Error) throw processes;
      return typeof processes === 'number' ? processes : processList(processes);
    },
  });
  return { owner, asked };
}
const pidOf = async (system: System): Promise<number | undefined> => (await owners(system).owner(ends))?.pid;

t.test('the owner is in the row with exactly the other end’s addresses and ports', async (t) => {
  t.equal(await pidOf({ v4: [ours, client] }), 100);
  t.equal(await pidOf({ v6: [client] }), 100, 'IPv4 of a socket for both families');
  t.equal(await pidOf({ v4: [client], v6: [client] }), 100, 'in both tables');
  for (const other of [
    { ...client, localPort: 50_002 },
    { ...client, remotePort: 45_002 },
    { ...client, local: '127.0.0.2' },
    { ...client, remote: '192.168.0.1' },
    ours,
  ])
    t.equal(await pidOf({ v4: [other] }), undefined);
  const mapped = { ...ends, remoteAddress: '::ffff:127.0.0.1', localAddress: '::FFFF:127.0.0.1' };
  t.equal((await owners({ v4: [client] }).owner(mapped))?.pid, 100);
});

t.test('nobody owns a connection that its process has closed, or that two processes have', async (t) => {
  t.equal(await pidOf({ v4: [{ ...client, pid: 0 }] }), undefined);
  t.equal(await pidOf({ v4: [client], v6: [{ ...client, pid: 101 }] }), undefined);
  t.equal(await pidOf({ v4: [{ ...client, pid: 0 }, client] }), 100, 'a row of an earlier connection');
});

t.test('a table that cannot be read has no owners', async (t) => {
  t.equal(await pidOf({ v4: 5, v6: new Error('broken') }), undefined);
  t.equal(await pidOf({ v4: [client], v6: 5 }), 100);
});

t.test('a process that began after the socket was made did not make it', async (t) => {
  const still = async (made: bigint, processes: System['processes']): Promise<boolean | undefined> =>
    (await owners({ v4: [{ ...client, made }], ...(processes && { processes }) }).owner(ends))?.isStillIts();
  t.equal(await still(50n, [{ pid: 100, start: 49n }]), true);
  t.equal(await still(50n, [{ pid: 100, start: 50n }]), true, 'within one step of the clock');
  t.equal(await still(50n, [{ pid: 100, start: 51n }]), false);
  t.equal(await still(50n, [{ pid: 101, start: 1n }]), false, 'it has ended');
  t.equal(await still(50n, 5), false, 'nobody’s start can be read');
  t.equal(await still(50n, new Error('broken')), false);
  t.equal(await still(0n, [{ pid: 100, start: 51n }]), true, 'the system does not say when');
});

t.test('connections that come during a look share the next one', async (t) => {
  const system: System = { v4: [] };
  const { owner, asked } = owners(system);
  const first = owner(ends);
  system.v4 = [client];
  const later = Array.from({ length: 200 }, () => owner(ends));
  await first;
  t.ok(
    (await Promise.all(later)).every((found) => found?.pid === 100),
    'they see a table that was read after they came',
  );
  t.equal(asked.tables, 2);
  const rounds = Array.from({ length: 50 }, async () => {
    for (let i = 0; i < 20; i++) if ((await owner(ends))?.pid !== 100) return false;
    return true;
  });
  t.notOk((await Promise.all(rounds)).includes(false), 'none of them loses its table to a later look');
  t.ok(asked.tables <= 2 + 50 * 20);
});
