import t from 'tap';
import { createOpenRequests } from '../../../../server/sessions/mcp/connection/open-requests.js';
import { pipeTransport } from '../../../../server/sessions/mcp/connection/pipe-transport.js';
import { fakeServer } from '../../../fixtures/mcp-server.js';

async function listening() {
  const server = fakeServer();
  const seen: unknown[] = [];
  const reports: string[] = [];
  const errors: Error[] = [];
  let ends = 0;
  const transport = pipeTransport(server.pipe, createOpenRequests(), (message) => void reports.push(message));
  transport.onmessage = (message: unknown) => void seen.push(message);
  transport.onerror = (error) => void errors.push(error);
  transport.onclose = () => void ends++;
  await transport.start();
  return { server, transport, seen, reports, errors, ends: () => ends };
}

t.test('messages come whole, however the bytes are cut', async (t) => {
  const { server, seen } = await listening();
  const bytes = Buffer.from('{"a":"ä"}\r\n\n{"b":2}\n{"c"');
  for (const byte of bytes) server.raw(Buffer.from([byte]));
  t.same(seen, [{ a: 'ä' }, { b: 2 }]);
  server.raw(':3}\n');
  t.same(seen.at(-1), { c: 3 });
});

t.test('a line that is no message is passed over', async (t) => {
  const { server, seen, reports } = await listening();
  server.raw('server v1 is starting ...\n{"broken\n[1]\n{"a":1}\n');
  t.same(seen, [{ a: 1 }]);
  t.equal(reports.length, 3);
});

t.test('a line without end closes the connection', async (t) => {
  const { server, errors, ends } = await listening();
  const piece = Buffer.alloc(8 * 1024 * 1024, 'x');
  for (let n = 0; n < 9; n++) server.raw(piece);
  t.match(errors, [{ code: 'mcp.line-too-long' }]);
  t.equal(ends(), 1);
  t.ok(server.closed);
});

t.test('the end is reported once', async (t) => {
  const { server, transport, ends } = await listening();
  server.end();
  await transport.close();
  t.equal(ends(), 1);
});
