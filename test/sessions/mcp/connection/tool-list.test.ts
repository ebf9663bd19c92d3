import t from 'tap';
import { fakeServer } from '../../../fixtures/mcp-server.js';
import { connected, connecting } from './support.js';

t.test('all pages are read, and what has no name is left out', async (t) => {
  const pages = [
    { tools: [{ name: 'a' }, { title: 'nameless' }], nextCursor: '1' },
    { tools: [{ name: 'b', odd: 1 }] },
  ];
  const server = fakeServer({ 'tools/list': (params) => pages[Number(params?.cursor ?? 0)] });
  t.same((await connected(server)).tools, [{ name: 'a' }, { name: 'b', odd: 1 }]);
});

t.test('pages without end are a failure', async (t) => {
  const same = fakeServer({ 'tools/list': () => ({ tools: [], nextCursor: 'again' }) });
  t.match(await connecting(same), { fault: { message: 'tools/list returned a repeated pagination cursor' } });
  let n = 0;
  const endless = fakeServer({ 'tools/list': () => ({ tools: [], nextCursor: String(n++) }) });
  t.match(await connecting(endless), { fault: { message: /more than 500 pages/ } });
  const many = Array.from({ length: 3_000 }, (_, i) => ({ name: `t${i}` }));
  const huge = fakeServer({ 'tools/list': () => ({ tools: many, nextCursor: String(n++) }) });
  t.match(await connecting(huge), { fault: { message: /5000 tools/ } });
});
