import t from 'tap';
import { parseMountTable } from '../../../server/system/files/mount-table.js';

const table = (...lines: readonly string[]) => parseMountTable(lines.join('\n'));

t.test('case 53: another procfs is found wherever it is mounted', (t) => {
  const { foreignProcs, receives } = table(
    '22 28 0:21 / /proc rw,relatime - proc proc rw',
    '23 22 0:22 / /proc/sys/fs/binfmt_misc rw - binfmt_misc binfmt_misc rw',
    '24 22 0:21 /sys /proc/sys ro,relatime - proc proc rw',
    '25 28 0:23 / /srv/chroot/proc rw,nosuid shared:3 - proc proc rw',
    '26 28 0:24 / /mnt/a\\040b/proc rw - proc none rw',
    '27 28 8:1 / / rw - ext4 /dev/sda1 rw',
  );
  t.same(foreignProcs, ['/srv/chroot/proc', '/mnt/a b/proc']);
  t.notOk(receives, 'each sandbox has a /proc of its own');
  t.end();
});

t.test('a place is found under every other mount of its file system', (t) => {
  const { elsewhere, receives } = table(
    '27 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw',
    '28 27 8:1 / /mnt/all rw - ext4 /dev/sda1 rw',
    '29 27 8:1 /home/u/.codex/sessions /mnt/se\\040ssions rw - ext4 /dev/sda1 rw',
    '30 27 8:2 / /data rw - ext4 /dev/sda2 rw',
    '31 27 8:2 /sub /sub rw - ext4 /dev/sda2 rw',
    '32 27 0:40 / /tmp rw - tmpfs tmpfs rw',
  );
  t.ok(receives);
  t.same(elsewhere('/home/u/.codex'), [
    { at: '/mnt/all/home/u/.codex', part: '' },
    { at: '/mnt/se ssions', part: 'sessions' },
  ]);
  t.same(elsewhere('/sub/x'), [
    { at: '/mnt/all/sub/x', part: '' },
    { at: '/data/sub/x', part: '' },
  ]);
  t.same(
    elsewhere('/tmp/x').map(({ at }) => at),
    ['/mnt/all/tmp/x'],
    'what a mount hides is for the caller to tell',
  );
  t.end();
});
