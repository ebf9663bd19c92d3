/** A change is checked before it is text, and its text is read again before it is written. */
import path from 'node:path';
import t from 'tap';
import { checkedChange, userVersion } from '../../../server/config/write/checked-change.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { onWindows } from '../../fixtures/windows.js';
import { makeHome } from '../home.js';

function scene(t: Parameters<typeof makeHome>[0], pins = '') {
  const h = makeHome(t, { config: '' });
  if (pins !== '') h.systemFile('requirements.toml', pins);
  const { source } = h;
  const change = (text: string, keyPath: string, value: unknown, expectedVersion: string | null = null) =>
    checkedChange(
      source,
      text,
      { edits: [{ keyPath, value, mergeStrategy: 'replace' }], expectedVersion },
      source.requirements(),
      path.join(h.home, 'config.toml'),
    );
  return { source, change };
}

t.test('the rest of the text stays, and the content is what was asked', async (t) => {
  const { change } = scene(t);
  const { newText, applied } = change('# mine\nmodel = "a" # why\n', 'model', 'b');
  t.equal(newText, '# mine\nmodel = "b" # why\n');
  t.match(applied.table, { model: 'b' });
});

t.test('the version counts: of this text, not of another', async (t) => {
  const { source, change } = scene(t);
  const text = 'model = "a"\n';
  const version = userVersion(source, parseToml(text));
  t.match(change(text, 'model', 'b', version).newText, /"b"/);
  t.throws(() => change('model = "c"\n', 'model', 'b', version), { message: /was modified since last read/ });
});

t.test('a value of the wrong kind, a pinned feature, and a file that cannot be read', async (t) => {
  const { change } = scene(t, '[features]\nmemories = false\n');
  t.throws(() => change('', 'model', 7), { message: /^Invalid configuration: .*\nin `model`/s });
  t.throws(() => change('', 'features.memories', true), { message: /not in the allowed set \[memories=false\]/ });
  t.match(change('', 'features.memories', false).newText, /memories = false/);
  t.throws(() => change('model = ', 'model', 'b'), { message: /^failed to load configuration: .*config.toml:1:/ });
});

t.test('on Windows a path without a drive is no path', onWindows, async (t) => {
  const { change } = scene(t);
  const roots = 'sandbox_workspace_write.writable_roots';
  t.throws(() => change('', roots, ['/tmp']), {
    message: /AbsolutePathBuf deserialized without a base path\nin `sand/,
  });
  t.match(change('', roots, ['C:\\work', 'sub']).newText, /work/);
  t.match(change('log_dir = "/x"\n', 'model', 'b').newText, /model = "b"/, 'what is there blocks nothing else');
});

t.test('a table that loses its last key may vanish', async (t) => {
  const { change } = scene(t);
  t.notMatch(change('[features]\nmemories = true\n', 'features.memories', null).newText, /memories/);
});
