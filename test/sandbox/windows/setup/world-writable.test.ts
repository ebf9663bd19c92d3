import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { auditedPlaces, worldWritable } from '../../../../server/sandbox/windows/setup/world-writable.js';

t.test('folders that everyone may write to are found, one level deep', async (t) => {
  const root = t.testdir({ open: { below: { deeper: {} } }, closed: {}, refused: {}, later: {}, file: '' });
  const open = ['(A;OICI;FA;;;WD)', '(A;;0x2;;;S-1-1-0)', '(D;;0x1;;;WD)(A;;FA;;;WD)'];
  const lists: Readonly<Record<string, string>> = {
    open: open[0] ?? '',
    closed: '(A;;FA;;;BU)(A;;FR;;;WD)',
    refused: '(D;;0x2;;;WD)(A;;FA;;;WD)',
    later: '(A;OICIIO;FA;;;WD)',
  };
  const read = (place: string) => {
    const name = path.basename(place);
    return place.endsWith('broken') ? { error: 'no', missing: false } : { sddl: `O:BAD:${lists[name] ?? ''}` };
  };
  const fake = { read, write: () => null };
  t.same(worldWritable([root], fake), { paths: [path.join(root, 'open')], failed: false });
  t.same(worldWritable([root, root], fake).paths.length, 1);
  t.same(worldWritable(['C:\\broken'], fake), { paths: [], failed: true });
  t.same(worldWritable([root], fake, { milliseconds: 60_000, folders: 2 }).failed, true, 'cut short');
  for (const list of open)
    t.equal(worldWritable(['C:\\x'], { ...fake, read: () => ({ sddl: `O:BAD:${list}` }) }).paths.length, 1, list);
  t.equal(worldWritable(['C:\\x'], { ...fake, read: () => ({ sddl: 'O:BA' }) }).paths.length, 1, 'no list is open');
  t.ok(fs.existsSync(root));
});

t.test('the places are those of the environment', async (t) => {
  t.same(auditedPlaces('C:\\work', { TEMP: 'C:\\temp', PATH: 'C:\\bin;;relative;C:\\bin', SystemDrive: 'D:' }), [
    'C:\\work',
    'C:\\temp',
    'C:\\bin',
    'D:\\',
  ]);
});
