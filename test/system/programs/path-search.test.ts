import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { candidatesOnPath, isExecutable } from '../../../server/system/programs/path-search.js';

t.test('folders are searched in order; empty and relative ones are relative to the working folder', (t) => {
  t.same([...candidatesOnPath('tool', '/work', '/usr/bin::sub')], ['/usr/bin/tool', '/work/tool', '/work/sub/tool']);
  t.same([...candidatesOnPath('tool', '/work', undefined)], ['/bin/tool', '/usr/bin/tool'], 'confstr(3) _CS_PATH');
  t.end();
});

t.test('only a regular file with an execute bit is executable', (t) => {
  const folder = t.testdir({ tool: '#!/bin/sh\n', text: 'text', folder: {}, link: t.fixture('symlink', 'tool') });
  fs.chmodSync(path.join(folder, 'tool'), 0o755);
  const answers = Object.fromEntries(
    ['tool', 'link', 'text', 'folder', 'missing'].map((name) => [name, isExecutable(path.join(folder, name))]),
  );
  t.same(answers, { tool: true, link: true, text: false, folder: false, missing: false });
  t.end();
});
