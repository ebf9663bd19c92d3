import t from 'tap';
import { queryValues, requestPath } from '../../../server/network-approval/hooks/request-path.js';

t.test('a path that two readers could read differently is none', async (t) => {
  const bad = [
    '*',
    '',
    'a',
    '/a/..',
    '/../a',
    '/a/./b',
    '/a/%2e%2e/b',
    '/a/.%2E/b',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/a%25',
    '/a;b',
  ];
  for (const path of [...bad, '/a%3Bb', '/%zz', '/a%', '/a%00', '/a%0a', '/a%7f', '/\xe9'])
    t.equal(requestPath(path), null, path);
  for (const path of ['/', '/a//b', '/...', '/.hidden', '/a%20b', '/%c3%a9'])
    t.equal(requestPath(path)?.written, path, path);
  t.strictSame(requestPath('/%72epo?a=%2e;'), { written: '/%72epo', plain: '/repo', query: 'a=%2e;' });
});

t.test('a query is decoded as a form, or not at all', async (t) => {
  t.strictSame(queryValues('a=1&%61=2+3&b&a=', 'a'), ['1', '2 3', '']);
  t.strictSame(queryValues('b', 'b'), ['']);
  t.strictSame(queryValues(null, 'a'), []);
  for (const query of ['a=1;b=2', 'a=%zz', 'a=%ff']) t.equal(queryValues(query, 'a'), null, query);
});
