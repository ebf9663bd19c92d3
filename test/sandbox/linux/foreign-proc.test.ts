import t from 'tap';
import { foreignProcMounts } from '../../../server/sandbox/linux/foreign-proc.js';

t.test('53 a procfs of somebody else’s is found wherever it is mounted', (t) => {
  const mountInfo = [
    '22 28 0:21 / /proc rw,relatime - proc proc rw',
    '23 22 0:22 / /proc/sys/fs/binfmt_misc rw - binfmt_misc binfmt_misc rw',
    '24 22 0:21 /sys /proc/sys ro,relatime - proc proc rw',
    '25 28 0:23 / /srv/chroot/proc rw,nosuid shared:3 - proc proc rw',
    '26 28 0:24 / /mnt/a\\040b/proc rw - proc none rw',
    '27 28 8:1 / / rw - ext4 /dev/sda1 rw',
  ].join('\n');
  t.same(foreignProcMounts(mountInfo), ['/srv/chroot/proc', '/mnt/a b/proc']);
  t.end();
});
