import t from 'tap';
import { StartError } from '../../../server/errors/start-error.js';
import { readConsoleFiles } from '../../../server/rpc/console/files.js';

t.test('the page and the files of known types are read once', async (t) => {
  const folder = t.testdir({ 'index.html': '<p>', 'a.js': '1', 'a.css': '2', 'notes.txt': '3' });
  const files = readConsoleFiles(folder);
  t.same([...files.keys()].sort(), ['/', '/console/a.css', '/console/a.js']);
  t.match(files.get('/'), { type: 'text/html; charset=utf-8', tag: null });
  t.match(files.get('/console/a.js'), { type: 'text/javascript; charset=utf-8', tag: /^"[\w-]{43}"$/ });
});

t.test('a package without the console cannot serve it', async (t) => {
  t.throws(() => readConsoleFiles(t.testdir({})), StartError);
});
