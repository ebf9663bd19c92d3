import type net from 'node:net';
import t from 'tap';
import { connectToPipe, distrustOf } from '../../../../server/system/windows/streams/pipe-client.js';
import { servePipe } from '../../../../server/system/windows/streams/pipe-server.js';
import type { PipeClientCalls } from '../../../../server/system/windows/streams/win32-pipe-client.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { until } from '../../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

const USER = 'S-1-5-21-1-2-3-1001';
const SANDBOX = 'S-1-5-21-1-2-3-1002';
const failed = new Win32Error('GetSecurityInfo', 5);

/** What Windows says about a pipe. */
const calls = (owner: string | Win32Error, restricted: boolean | Win32Error = false): PipeClientCalls => ({
  open: () => 1,
  whenFree: () => Promise.resolve(),
  ownerOf: () => owner,
  isServerRestricted: () => restricted,
});

t.test('a pipe counts only if this user serves it without a sandbox', async (t) => {
  const why = (...facts: Parameters<typeof calls>): string | null => distrustOf(1, [USER], calls(...facts));
  t.equal(why(USER), null);
  t.equal(why('S-1-5-18', failed), null, 'the system');
  t.equal(why('S-1-5-32-544', failed), null, "an administrator's program");
  t.match(why(SANDBOX), `belongs to ${SANDBOX}`);
  t.match(why('S-1-1-0'), 'belongs to S-1-1-0');
  t.match(why(USER, true), 'in a sandbox');
  t.match(why(failed), 'cannot be read');
  t.match(why(USER, failed), 'cannot be looked at');
  t.match(distrustOf(1, failed, calls(USER)), 'this user cannot be read');
});

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  await t.rejects(connectToPipe('x'), { code: 'machine.native-module' });
});

t.test('many clients of this user get through, and a pipe that nobody serves has an error', onWindows, async (t) => {
  const name = `\\\\.\\pipe\\codexd-client-${process.pid}`;
  await t.rejects(connectToPipe(name), { code: 'ENOENT', syscall: 'connect' });
  const server = servePipe(name, (connection) => connection.pipe(connection));
  if (typeof server === 'number') throw new Error(`no server: ${server}`);
  t.teardown(() => server.close());
  const echo = async (word: string): Promise<string> => {
    const client = await connectToPipe(name);
    let back = '';
    client.setEncoding('utf8').on('data', (piece: string) => (back += piece));
    client.write(word);
    await until(() => back.length >= word.length, 'all of it comes back');
    client.destroy();
    return back;
  };
  const words = Array.from({ length: 12 }, (_, i) => `word ${i} `.repeat(20_000));
  const echoed = await Promise.all(words.map(echo));
  t.ok(echoed.every((word, i) => word === words[i]));
});

t.test('the end of either side arrives', onWindows, async (t) => {
  const name = `\\\\.\\pipe\\codexd-client-end-${process.pid}`;
  const accepted: net.Socket[] = [];
  const server = servePipe(name, (connection) => accepted.push(connection));
  if (typeof server === 'number') throw new Error(`no server: ${server}`);
  t.teardown(() => server.close());
  const client = await connectToPipe(name);
  await until(() => accepted.length === 1, 'it is accepted');
  let ended = false;
  client.on('end', () => (ended = true)).resume();
  accepted[0]?.destroy();
  await until(() => ended, 'the client sees the end');
  client.destroy();
});
