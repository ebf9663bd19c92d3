import t from 'tap';
import { IPV4_ROWS, IPV6_ROWS, plainAddress, readTcpTable } from '../../../server/system/windows/tcp-table.js';
import { tableOf } from './fixtures/tcp-rows.js';

const row = { local: '127.0.0.1', localPort: 50_001, remote: '127.0.0.1', remotePort: 45_001, pid: 4321, made: 7n };

t.test('a row has the ends, the process and the time of its socket', async (t) => {
  const other = { ...row, localPort: 1, remotePort: 65_535, pid: 0, made: 2n ** 60n };
  t.strictSame(readTcpTable(tableOf(IPV4_ROWS, [row, other]), IPV4_ROWS), [row, other]);
  const v6 = { ...row, local: '0:0:0:0:0:0:0:1', remote: 'fe80:0:0:0:1:2:3:abcd' };
  t.strictSame(readTcpTable(tableOf(IPV6_ROWS, [v6]), IPV6_ROWS), [v6]);
});

t.test('IPv4 in IPv6 is IPv4', async (t) => {
  t.strictSame(readTcpTable(tableOf(IPV6_ROWS, [row]), IPV6_ROWS), [row]);
  t.equal(plainAddress(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1])), '0:0:0:0:0:0:7f00:1');
});

t.test('a table that is cut off, or says too much, has the rows that are whole', async (t) => {
  const whole = tableOf(IPV4_ROWS, [row, row]);
  t.strictSame(readTcpTable(whole.subarray(0, -1), IPV4_ROWS), [row]);
  for (const bytes of [0, 3, 4, 8, 20]) t.strictSame(readTcpTable(whole.subarray(0, bytes), IPV4_ROWS), []);
  whole.writeUInt32LE(0xffffffff, 0);
  t.equal(readTcpTable(whole, IPV4_ROWS).length, 2);
});

t.test('the rows have the sizes of the system’s structures', async (t) => {
  // MIB_TCPROW_OWNER_MODULE and MIB_TCP6ROW_OWNER_MODULE: a time of 64 bits, then 16 numbers of 64 bits.
  t.equal(IPV4_ROWS.bytes, IPV4_ROWS.made + 8 + 16 * 8);
  t.equal(IPV6_ROWS.bytes, IPV6_ROWS.made + 8 + 16 * 8);
});
