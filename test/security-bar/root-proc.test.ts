/**
 * Security bar, case 91: a command may change in /proc what any user may change about its own processes, also for a
 * daemon of root. It can write nothing there that controls the kernel, and it cannot see bubblewrap's own process.
 */
import fs from 'node:fs';
import t from 'tap';
import { procCovers } from '../../server/sandbox/linux/root-proc.js';
import { makePlace, skipReason, WORKSPACE_WRITE } from '../sandbox/support.js';

const skip = await skipReason();
t.setTimeout(120_000);

/** Opens for writing and writes nothing. Uses Node, because every machine that runs this test has it. */
const FIND_WRITABLE = `
const fs = require('node:fs');
const walk = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const file = folder + '/' + entry.name;
  if (/^\\/proc\\/\\d+$/.test(file) || entry.isSymbolicLink()) return [];
  if (entry.isDirectory()) { try { return walk(file); } catch { return []; } }
  try { fs.closeSync(fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)); return [file]; } catch { return []; }
});
const found = walk('/proc').filter((file) => (fs.statSync(file).mode & 2) === 0);
for (const name of ['new', 'sys/new', 'fs/new', '1/new']) try { fs.mkdirSync('/proc/' + name); found.push(name); } catch {}
console.log(JSON.stringify(found), fs.readdirSync('/proc/1').length);
`;

t.test('case 91: files of /proc that only their owner may write cannot be written', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  for (const network of ['offline', 'direct'] as const) {
    const { stdout, stderr } = await place.run([process.execPath, '-e', FIND_WRITABLE], {
      profile: WORKSPACE_WRITE,
      network,
    });
    t.equal(stdout, '[] 0\n', `${network}: ${stderr}`);
  }
});

t.test('case 91: a command writes the files of its own processes that a user may write', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const line =
    'cd /proc/$$ && printf named >comm && echo 0x33 >coredump_filter && echo 500 >oom_score_adj && cat comm coredump_filter oom_score_adj';
  const { stdout, stderr } = await place.run(line, { profile: WORKSPACE_WRITE });
  t.equal(stdout, 'named\n00000033\n500\n', stderr);
});

t.test('case 91: the kernel’s settings can still be read', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { stdout } = await place.run(
    'cat /proc/sys/kernel/ostype; head -c 1 /proc/tty/drivers >/dev/null && echo drivers',
  );
  t.equal(stdout, 'Linux\ndrivers\n');
});

t.test('case 91: folders of modules are covered, and a /proc without visible settings is read-only completely', (t) => {
  const place = makePlace((f) => t.teardown(f));
  const proc = place.folder('proc');
  t.equal(procCovers(proc), null);
  for (const name of ['sys', 'scsi', 'irq', '17']) place.folder(`proc/${name}`);
  for (const [name, mode] of Object.entries({ mtrr: 0o644, version: 0o444, anyone: 0o666 }))
    fs.chmodSync(place.write(`proc/${name}`), mode);
  fs.symlinkSync('17', `${proc}/self`);
  const found = procCovers(proc)?.filter(({ path }) => path.startsWith(proc)) ?? [];
  t.strictSame(found.map(({ path, as }) => `${path.slice(proc.length)} ${as}`).sort(), [
    '/mtrr readable',
    '/scsi empty',
    '/sys readable',
  ]);
  t.end();
});
