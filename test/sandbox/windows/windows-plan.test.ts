import t from 'tap';
import type { SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { windowsPlan } from '../../../server/sandbox/windows/windows-plan.js';

const PLAN: SandboxPlan = {
  base: 'readable',
  mounts: [
    { kind: 'writable', path: 'C:/w' },
    { kind: 'empty', path: 'C:/w/.codex' },
    { kind: 'readable', path: 'C:/w/.git' },
    { kind: 'hidden', path: 'C:/w/secret', of: 'folder' },
  ],
  placeholders: ['C:/w/.codex'],
  workingFolder: 'C:/w',
  writable: [],
  unwanted: [],
  sees: () => true,
};

t.test('mounts become entries of the access list, parents before children', (t) => {
  t.same(windowsPlan(PLAN, { kind: 'offline' }).accessList, [
    { path: '/', effect: 'readOnly' },
    { path: 'C:/w', effect: 'readWrite' },
    { path: 'C:/w/.codex', effect: 'noCreate' },
    { path: 'C:/w/.git', effect: 'readOnly' },
    { path: 'C:/w/secret', effect: 'deny' },
  ]);
  t.end();
});

t.test('the offline user reaches nothing, the online user only its lane', (t) => {
  t.match(windowsPlan(PLAN, { kind: 'offline' }), { user: 'codexd-offline', blocked: { except: null } });
  t.match(windowsPlan(PLAN, { kind: 'lane', port: 3128 }), {
    user: 'codexd-online',
    blocked: { except: { address: '127.0.0.1', port: 3128 } },
  });
  t.match(windowsPlan(PLAN, { kind: 'direct' }), { user: 'codexd-online', blocked: null });
  t.throws(() => windowsPlan(PLAN, { kind: 'lane', port: 70000 }), RangeError);
  t.end();
});
