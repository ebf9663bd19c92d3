import t from 'tap';
import { safeLink } from '../../../clients/console/text/safe-link.js';

t.test('only http and https lead somewhere', async (t) => {
  t.equal(safeLink('https://a.test/b?c#d'), 'https://a.test/b?c#d');
  t.equal(safeLink('HTTP://A.test'), 'http://a.test/');
  for (const no of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//a.test',
    '/console/session',
    '#/approvals',
    'https://a.test@b.test/',
    'https://',
    '',
  ])
    t.equal(safeLink(no), null, JSON.stringify(no));
});
