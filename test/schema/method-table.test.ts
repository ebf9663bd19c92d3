import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { INLINE_FAMILY } from '../../schema/families.js';
import { methodTableSource } from '../../schema/generate/generate-method-table.js';
import { clientMethods, serverRequestFamilies } from '../../schema/method-table.js';
import { packageRoot } from '../../server/package/package-root.js';

t.test('the committed table equals the generated table (node scripts/generate-method-table.mjs)', async (t) => {
  const committed = fs.readFileSync(path.join(packageRoot(), 'schema', 'method-table.ts'), 'utf8');
  t.equal(methodTableSource(), committed);
});

t.test('every family of the table has validators and shapes', async (t) => {
  const built = path.join(packageRoot(), 'dist', 'validators');
  const families = new Set(
    Object.values(clientMethods).flatMap(({ family, params }) => (params === 'none' ? [] : [family])),
  );
  families.delete(INLINE_FAMILY);
  for (const family of [...families, ...Object.values(serverRequestFamilies)]) {
    t.ok(fs.existsSync(path.join(built, `${family}.cjs`)), `${family}.cjs`);
    t.ok(fs.existsSync(path.join(built, `${family}.json`)), `${family}.json`);
  }
});

t.test('the daemon loads neither TypeBox nor the families to decode', async (t) => {
  const loaded = new Set(['server/rpc/wire/decode.ts', 'schema/method-table.ts']);
  for (const source of loaded) {
    if (!source.endsWith('.ts')) continue;
    const text = fs.readFileSync(path.join(packageRoot(), source), 'utf8');
    for (const [, from = ''] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)'/gm))
      loaded.add(
        from.startsWith('.') ? path.posix.join(path.posix.dirname(source), from).replace(/\.js$/, '.ts') : from,
      );
  }
  const own = [...loaded].filter((name) => !name.startsWith('node:'));
  t.ok(own.includes('schema/shape/explain.ts'), 'imports are followed');
  t.same(
    own.filter((name) => name.startsWith('schema/protocol/') || !/^(?:server|schema)\//.test(name)),
    [],
  );
});
