import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createAdvanceSandbox, type AdvanceOptions } from '../../../server/sandbox/linux/advance-sandbox.js';
import type { SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { parseMountTable } from '../../../server/system/files/mount-table.js';
import { systemProgram } from '../../../server/system/programs/system-program.js';

if (process.platform !== 'linux') t.bailout('the sandbox of Linux');

const mounts = parseMountTable('');
function options(place: string, changes: Partial<AdvanceOptions> = {}): AdvanceOptions {
  const plan: SandboxPlan = {
    base: 'readable',
    mounts: [
      { kind: 'hidden', of: 'file', path: place },
      { kind: 'link', path: '/never/a/mount', target: 'x' },
    ],
    placeholders: [],
    workingFolder: '/work',
    writable: [],
    unwanted: [],
    sees: () => true,
  };
  const open = (): number => fs.openSync(path.join(path.dirname(place), 'opened'), 'w+');
  return {
    words: ['--ro-bind', '/', '/'],
    plan,
    mounts,
    files: { key: 'filter', open: () => ({ launch: open(), filter: open(), script: open() }) },
    bubblewrap: systemProgram('sh'),
    enter: null,
    shell: systemProgram('sh'),
    ...changes,
  };
}

t.test('the same words, mounts and places are the same sandbox', (t) => {
  const place = path.join(t.testdir({ file: 'a', other: 'b' }), 'file');
  const first = createAdvanceSandbox(options(place));
  t.equal(first.workingFolder, '/work');
  const same = (changes: Partial<AdvanceOptions> = {}): boolean =>
    createAdvanceSandbox(options(place, changes)).isSame(first);
  t.ok(same());
  t.notOk(same({ words: ['--bind', '/', '/'] }));
  t.notOk(same({ words: ['--ro-bind', '/', '/', '--unshare-net'] }));
  t.notOk(same({ mounts: parseMountTable('') }), 'the table of mounts was read anew');
  t.notOk(same({ files: { ...options(place).files, key: 'another filter' } }));
  const plan = options(place).plan;
  t.ok(same({ plan: { ...plan, workingFolder: '/another' } }), 'the folder is no part of it');
  fs.renameSync(path.join(path.dirname(place), 'other'), place);
  t.notOk(same(), 'another file has the name');
  fs.rmSync(place);
  t.notOk(same(), 'nothing has the name');
  t.end();
});

t.test('its words are in its first file, with a folder that is always there', (t) => {
  const place = path.join(t.testdir({ file: 'a' }), 'file');
  const sandbox = createAdvanceSandbox(options(place));
  const opened = sandbox.open();
  const words = fs.readFileSync(path.join(path.dirname(place), 'opened'), 'utf8');
  for (const descriptor of Object.values(opened)) fs.closeSync(descriptor);
  t.equal(words, '--ro-bind\0/\0/\0--chdir\0/\0--clearenv\0');
  t.match(sandbox.around(['-c', 'x']).args.slice(-3), [/sh$/, '-c', 'x']);
  t.end();
});

t.test('it does not hold for a process without its mounts, or for none', (t) => {
  const place = path.join(t.testdir({ file: 'a' }), 'file');
  const sandbox = createAdvanceSandbox(options(place));
  t.notOk(sandbox.holds(process.pid), 'no child, or one without this mount');
  t.notOk(sandbox.holds(2 ** 22 + 1), 'no such process');
  t.end();
});
