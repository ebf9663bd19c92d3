/** What a thread hands to the one that continues it. */
import t from 'tap';
import { settingsBefore } from '../../../server/sessions/state/requested-settings.js';
import { stateOf } from '../live/support.js';

t.test('every setting of the thread, with its profile by name where it has one', async (t) => {
  const state = stateOf('/project');
  const before = settingsBefore({ ...state, baseInstructions: 'base', dynamicTools: [{ name: 'a' }] });
  t.match(before, {
    model: 'mock-model',
    cwd: '/project',
    roots: ['/project'],
    profile: state.profile,
    serviceTier: null,
    effort: null,
    baseInstructions: 'base',
    dynamicTools: [{ name: 'a' }],
    own: {},
  });
  t.notOk('profileId' in before);
  const wire = { ...state.wire, activePermissionProfile: { id: ':workspace', extends: null } };
  t.match(settingsBefore({ ...state, wire }), { profileId: ':workspace' });
});
