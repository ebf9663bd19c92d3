import t from 'tap';
import fc from 'fast-check';
import { namespaceNames, toolNames } from '../../../../server/sessions/tools/mcp/model-names.js';

t.test('names are cleaned, and only those that need it are changed further', async (t) => {
  const names = toolNames(['echo', 'do-it', 'do_it', 'do.it', 'a.b/c', 'ÄÖ', ''], 'mcp__srv');
  t.equal(names.get('echo'), 'echo');
  t.equal(names.get('a.b/c'), 'a_b_c');
  t.equal(names.get('ÄÖ'), '__');
  t.equal(names.get(''), '_');
  for (const raw of ['do-it', 'do_it', 'do.it']) t.match(names.get(raw), /^do_it_[0-9a-f]{12}$/);
  t.equal(toolNames(['do-it'], 'mcp__srv').get('do-it'), 'do_it', 'alone it keeps its name');
  t.match(namespaceNames(['a-b', 'a_b']).get('a-b'), /^mcp__a_b_[0-9a-f]{12}$/);
});

t.test('whatever they are, names are valid, distinct and short enough, and do not depend on their order', async () => {
  const raw = fc.uniqueArray(
    fc.oneof(fc.string(), fc.string({ minLength: 90, maxLength: 300 }), fc.constantFrom('a-b', 'a_b')),
  );
  fc.assert(
    fc.property(raw, raw, (servers, tools) => {
      const namespaces = namespaceNames(servers);
      if (new Set(namespaces.values()).size !== servers.length) return false;
      const reversed = namespaceNames([...servers].reverse());
      return [...namespaces].every(([server, namespace]) => {
        const names = toolNames(tools, namespace);
        return (
          reversed.get(server) === namespace &&
          new Set(names.values()).size === tools.length &&
          [...names.values()].every((name) => /^[A-Za-z0-9_]+$/.test(name) && `${namespace}__${name}`.length <= 128)
        );
      });
    }),
  );
});
