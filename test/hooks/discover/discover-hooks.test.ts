import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { discoverHooks } from '../../../server/hooks/discover/discover-hooks.js';

t.test('hooks of both files are listed by event, then in the order of the files', (t) => {
  const home = t.testdir();
  const group = (command: string) => [{ hooks: [{ type: 'command', command }] }];
  fs.writeFileSync(
    path.join(home, 'hooks.json'),
    JSON.stringify({ hooks: { Stop: group('a'), SessionStart: group('b') } }),
  );
  fs.writeFileSync(
    path.join(home, 'config.toml'),
    `[[hooks.SessionStart]]\n[[hooks.SessionStart.hooks]]\ntype = "command"\ncommand = "c"\n`,
  );
  const { hooks } = discoverHooks(createConfigService({ codexHome: home, cwd: home, env: {} }).resolve(home));
  t.strictSame(
    hooks.map((hook) => [hook.eventName, hook.handlerType === 'command' && hook.command, hook.displayOrder]),
    [
      ['sessionStart', 'b', 0],
      ['sessionStart', 'c', 1],
      ['stop', 'a', 2],
    ],
  );
  t.end();
});
