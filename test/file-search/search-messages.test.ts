import t from 'tap';
import { ENVIRONMENT } from '../../server/file-search/search-messages.js';

t.test('the thread that searches gets no secret of the environment', async (t) => {
  t.same(ENVIRONMENT, ['HOME', 'USERPROFILE', 'XDG_CONFIG_HOME']);
});
