/** Which policy a thread has, and which changes of it are refused (build-thread-state.test.ts has whole states). */
import t, { type Test } from 'tap';
import { READ_ONLY, WORKSPACE_WRITE } from '../../../server/config/permissions/permission-profile.js';
import { newTable } from '../../../server/config/toml/value.js';
import { ConfigError } from '../../../server/errors/config-error.js';
import type { EarlierSettings, RequestedSettings } from '../../../server/sessions/state/requested-settings.js';
import {
  configure,
  orRefused,
  refuseForbidden,
  refuseReviewer,
  refuseTwoPolicies,
} from '../../../server/sessions/state/thread-policy.js';
import { makeHome } from '../../config/home.js';
import { stateOf } from '../live/support.js';

function scene(t: Test, requirements = '') {
  const h = makeHome(t, { config: 'sandbox_mode = "read-only"\n' });
  if (requirements !== '') h.systemFile('requirements.toml', requirements);
  const { source } = h;
  const warnings: string[] = [];
  const policy = (wishes: Omit<RequestedSettings, 'cwd'>, before: Omit<EarlierSettings, 'cwd'> | null) =>
    configure(source, { cwd: h.work, ...wishes }, newTable(), before && { ...before, cwd: h.work }, warnings);
  return { source, policy, warnings };
}

t.test('a request, then the earlier policy, then the configuration', async (t) => {
  const { policy, warnings } = scene(t);
  const earlier = { profile: WORKSPACE_WRITE };
  t.match(policy({}, null).profile, { filesystem: READ_ONLY.filesystem });
  t.match(policy({}, earlier).profile, { filesystem: WORKSPACE_WRITE.filesystem });
  t.match(policy({ permissions: ':read-only' }, earlier).activePermissionProfile, { id: ':read-only' });
  t.match(policy({ sandbox: 'read-only' }, earlier).profile, { filesystem: READ_ONLY.filesystem });
  t.strictSame(warnings, []);
});

t.test(
  'a profile that is gone: what it last allowed holds, with a warning; without that the request fails',
  async (t) => {
    const { policy, warnings } = scene(t);
    t.match(policy({}, { profileId: 'gone', profile: READ_ONLY }).profile, { filesystem: READ_ONLY.filesystem });
    t.match(warnings, [/^The permission profile `gone` of this thread cannot be used any more/]);
    t.throws(() => policy({}, { profileId: 'gone' }), { message: /^failed to load configuration: / });
  },
);

t.test('two policies in one request', async (t) => {
  for (const [wishes, name] of [
    [{ permissions: ':read-only', sandbox: 'read-only' }, 'sandbox'],
    [{ permissions: ':read-only', sandboxPolicy: { type: 'readOnly', networkAccess: false } }, 'sandboxPolicy'],
  ] as const)
    t.throws(() => refuseTwoPolicies(wishes), { message: `\`permissions\` cannot be combined with \`${name}\`` });
  t.doesNotThrow(() => refuseTwoPolicies({ sandbox: 'read-only' }));
});

t.test('a change that the requirements forbid is refused, and not clamped', async (t) => {
  const { source } = scene(
    t,
    'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["never"]\nallowed_approvals_reviewers = ["user"]\n',
  );
  const refused = { message: /^invalid thread settings override: / };
  t.throws(() => refuseForbidden(source, { permissions: ':workspace' }), refused);
  t.throws(() => refuseForbidden(source, { approvalPolicy: 'on-request' }), refused);
  t.throws(() => refuseForbidden(source, { sandboxPolicy: { type: 'dangerFullAccess' } }), refused);
  t.throws(() => refuseReviewer(source, stateOf('/'), { approvalsReviewer: 'auto_review' }), refused);
  t.doesNotThrow(() => refuseForbidden(source, { permissions: ':read-only', approvalPolicy: 'never' }));
  t.doesNotThrow(() => refuseReviewer(source, stateOf('/'), { approvalsReviewer: 'user' }));
});

t.test('only an error of the configuration is the error of the request', async (t) => {
  const failing = (error: Error) => () =>
    orRefused(() => {
      throw error;
    });
  t.throws(failing(new ConfigError('no such key')), { message: 'failed to load configuration: no such key' });
  t.throws(failing(new Error('a fault')), { message: 'a fault' });
  t.equal(
    orRefused(() => 1),
    1,
  );
});
