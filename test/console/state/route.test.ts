import t from 'tap';
import { addressOf, readRoute } from '../../../clients/console/state/route.js';
import { nextTheme, readTheme, schemeOf } from '../../../clients/console/state/theme.js';

t.test('a page and its id survive the address', async (t) => {
  t.strictSame(readRoute(addressOf('threads', 'a/b c')), { page: 'threads', id: 'a/b c' });
  t.strictSame(readRoute('#/network'), { page: 'network', id: null });
});

t.test('an unknown page or a broken id is harmless', async (t) => {
  t.strictSame(readRoute('#/nowhere/1'), { page: 'overview', id: null });
  t.strictSame(readRoute('#/threads/%E0%A4%A'), { page: 'threads', id: null });
});

t.test('the theme follows the system until a person chooses', async (t) => {
  t.equal(readTheme('pink'), 'system');
  t.equal(schemeOf('system'), 'light dark');
  t.equal(nextTheme(nextTheme(nextTheme('system'))), 'system');
});
