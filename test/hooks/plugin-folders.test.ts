import t from 'tap';
import { folderVariables, withFolders } from '../../server/hooks/plugin-folders.js';

t.test('both names of both folders', (t) => {
  const folders = { root: '/r', data: '/d' };
  t.equal(
    withFolders(
      '${PLUGIN_ROOT} ${CLAUDE_PLUGIN_ROOT} ${PLUGIN_DATA} ${CLAUDE_PLUGIN_DATA} ${HOME} $PLUGIN_ROOT',
      folders,
    ),
    '/r /r /d /d ${HOME} $PLUGIN_ROOT',
  );
  t.same(folderVariables(folders), {
    PLUGIN_ROOT: '/r',
    CLAUDE_PLUGIN_ROOT: '/r',
    PLUGIN_DATA: '/d',
    CLAUDE_PLUGIN_DATA: '/d',
  });
  t.end();
});
