import t from 'tap';
import { instructionsKind } from '../../../server/services/external-agent/instructions.js';
import { planted } from './support.js';

t.test('instructions are taken over where there are none', (t) => {
  const { put, text, user, shared, repository } = planted(t);
  t.equal(instructionsKind.detect(shared), null);
  put('repository/CLAUDE.md', '  \n');
  const source = put('repository/.claude/CLAUDE.md', '# Rules\nClaude is nice.\n');
  t.strictSame(instructionsKind.detect(shared), {
    description: `Migrate ${source} to ${shared.instructions}`,
    details: null,
  });
  put('repository/AGENTS.md', '');
  t.same(instructionsKind.import(shared, null), [[source, shared.instructions]]);
  t.equal(text('repository/AGENTS.md'), '# Rules\nCodex is nice.\n');
  t.equal(instructionsKind.detect(shared), null);
  t.same(instructionsKind.import(shared, null), []);
  put('home/CLAUDE.md', 'not the file of the user');
  t.equal(instructionsKind.detect(user), null, repository);
  t.end();
});
