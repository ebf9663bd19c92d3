import t from 'tap';
import { implementationRefusal } from '../../../server/config/requirements/windows-implementations.js';
import type { Requirements } from '../../../server/config/requirements/requirements.js';
import type { TomlTable } from '../../../server/config/toml/value.js';

const refusal = (mode: string, windows: TomlTable | undefined): string | null =>
  implementationRefusal(mode, {
    table: windows === undefined ? {} : { windows },
    source: 'a file',
  } as unknown as Requirements);

t.test('a sandbox is allowed unless the requirements name others', async (t) => {
  t.equal(refusal('elevated', undefined), null);
  t.equal(refusal('elevated', {}), null);
  t.equal(refusal('elevated', { allowed_sandbox_implementations: ['elevated', 'mxc'] }), null);
  t.match(
    refusal('unelevated', { allowed_sandbox_implementations: ['elevated'] }),
    /"unelevated".*\[elevated\].*set by a file/,
  );
  t.match(refusal('elevated', { allowed_sandbox_implementations: [] }), /allowed are \[\]/);
  t.match(refusal('elevated', { require_mxc: true }), /require_mxc/);
  t.equal(refusal('elevated', { require_mxc: false, allow_mxc: false }), null);
});
