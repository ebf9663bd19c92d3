import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { timeZone } from '../../../server/system/files/time-zone.js';

t.test('the zone is the one to which the system links, under the name of the link', (t) => {
  const folder = t.testdir({ zoneinfo: { Etc: { UTC: '' }, Europe: { Berlin: '' } }, copy: '' });
  const zones = path.join(folder, 'zoneinfo');
  const of = (target: string | null, env: NodeJS.ProcessEnv = {}): string => {
    const localtime = path.join(folder, 'localtime');
    fs.rmSync(localtime, { force: true });
    if (target !== null) fs.symlinkSync(target, localtime);
    return timeZone({ env, localtime, zones });
  };
  const intl = Intl.DateTimeFormat().resolvedOptions().timeZone;
  t.equal(of('/usr/share/zoneinfo/Etc/UTC'), 'Etc/UTC');
  t.equal(of('../usr/share/zoneinfo/posix/America/Argentina/Ushuaia'), 'America/Argentina/Ushuaia');
  t.equal(of('/var/db/timezone/zoneinfo/Asia/Tokyo'), 'Asia/Tokyo', 'as on macOS');
  t.equal(of(null), intl, 'no link');
  t.equal(of(path.join(folder, 'copy')), intl, 'a link to something else');
  t.equal(of('/usr/share/zoneinfo/</timezone>'), intl, 'no name');
  t.equal(timeZone({ env: {}, localtime: path.join(folder, 'copy'), zones }), intl, 'no link but a file');
  t.equal(timeZone({ env: { TZ: 'Europe/Berlin' }, zones: path.join(folder, 'none') }), intl, 'a system without zones');

  const link = '/usr/share/zoneinfo/Etc/UTC';
  t.equal(of(link, { TZ: 'Europe/Berlin' }), 'Europe/Berlin', 'TZ counts first');
  t.equal(of(link, { TZ: ':Europe/Berlin' }), 'Europe/Berlin');
  t.equal(of(link, { TZ: path.join(zones, 'Europe/Berlin') }), 'Europe/Berlin');
  t.equal(of(link, { TZ: '' }), 'Etc/UTC');
  for (const TZ of ['nonsense', '../../copy', '/etc/passwd', 'Europe/Berlin/']) t.equal(of(link, { TZ }), 'UTC', TZ);
  t.end();
});
