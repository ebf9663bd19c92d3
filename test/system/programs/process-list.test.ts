import t from 'tap';
import { HAS_PROCESS_LIST, processList } from '../../../server/system/programs/process-list.js';

t.test('it is for macOS', async (t) => {
  t.equal(HAS_PROCESS_LIST, process.platform === 'darwin');
  if (!HAS_PROCESS_LIST) await t.rejects(processList(), { code: 'machine.native-module' });
});
