import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { repositoryScope } from '../../../server/services/external-agent/scope.js';
import { planted } from './support.js';

t.test('places of the user and of a repository', (t) => {
  const { user, shared, home, codexHome, repository } = planted(t);
  t.match(user, { cwd: null, confined: null, instructions: path.join(codexHome, 'AGENTS.md') });
  t.equal(user.skills, path.join(home, '.agents', 'skills'));
  t.match(shared, { cwd: repository, confined: repository, config: path.join(repository, '.codex', 'config.toml') });
  t.end();
});

t.test('what is no repository, and a home that is one', (t) => {
  const { home, codexHome, root } = planted(t);
  fs.mkdirSync(path.join(home, '.git'));
  t.equal(repositoryScope(path.join(home, 'work'), { home, codexHome }), null);
  t.equal(repositoryScope('relative', { home, codexHome }), null);
  t.ok(root);
  t.end();
});
