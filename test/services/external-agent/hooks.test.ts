import path from 'node:path';
import t from 'tap';
import { detailsOf } from '../../../server/services/external-agent/kind.js';
import { hooksKind } from '../../../server/services/external-agent/hooks.js';
import { planted } from './support.js';

t.test('commands with their scripts, at their new place', (t) => {
  const { put, text, user, codexHome } = planted(t);
  const script = '"$CLAUDE_PROJECT_DIR/.claude/hooks/x.py"';
  put('home/.claude/settings.json', {
    hooks: {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'echo hi', timeout: 5 }] }],
      Stop: [
        {
          hooks: [
            { type: 'command', command: `python3 ${script} a` },
            { type: 'prompt', prompt: 'x' },
          ],
        },
      ],
      Notification: [{ hooks: [{ type: 'command', command: 'no such point here' }] }],
      PostToolUse: 'broken',
    },
  });
  put('home/.claude/hooks/x.py', 'print(1)\n');
  t.match(hooksKind.detect(user)?.details?.hooks, [{ name: 'PreToolUse' }, { name: 'Stop' }]);
  t.same(hooksKind.import(user, null), [
    ['PreToolUse', 'PreToolUse'],
    ['Stop', 'Stop'],
  ]);
  const moved = `python3 '${path.join(codexHome, 'hooks', 'x.py')}' a`;
  t.strictSame(JSON.parse(text('home/.codex/hooks.json')), {
    hooks: {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'echo hi', timeout: 5 }] }],
      Stop: [{ hooks: [{ type: 'command', command: moved }] }],
    },
  });
  t.equal(text('home/.codex/hooks/x.py'), 'print(1)\n');
  t.equal(hooksKind.detect(user), null, 'there are hooks');
  t.same(hooksKind.import(user, null), []);
  t.end();
});

t.test('a choice, and hooks that are switched off', (t) => {
  const { put, shared, user } = planted(t);
  const hooks = { Stop: [{ hooks: [{ command: 'a' }] }], SessionEnd: [{ hooks: [{ command: 'b' }] }] };
  put('repository/.claude/settings.json', { hooks });
  t.same(hooksKind.import(shared, detailsOf({ hooks: [{ name: 'Stop' }] })), [['Stop', 'Stop']]);
  put('home/.claude/settings.json', { hooks, disableAllHooks: true });
  t.equal(hooksKind.detect(user), null);
  t.end();
});
