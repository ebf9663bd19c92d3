import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { FileRefused } from '../../../server/system/files/open-file.js';
import { followAll, followNone } from '../../../server/system/files/open-folder.js';
import { openOutput, type OutputFile } from '../../../server/system/files/output-file.js';

const root = fs.realpathSync(t.testdir({ out: {}, elsewhere: { precious: 'precious\n' } }));
const at = (...parts: string[]): string => path.join(root, ...parts);
const open = (file: string, mayFollow = followNone): OutputFile => openOutput({ file, mode: 0o600, mayFollow });
const precious = (): string => fs.readFileSync(at('elsewhere', 'precious'), 'utf8');
const refusalOf = (attempt: () => unknown): string => {
  try {
    attempt();
    return 'done';
  } catch (error) {
    return error instanceof FileRefused ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error));
  }
};

t.test('a file is created, replaced and appended to', (t) => {
  const output = open(at('out', 'answer.txt'));
  t.equal(fs.statSync(at('out', 'answer.txt')).mode & 0o777, 0o600);
  output.append('one ');
  output.append('two ');
  output.replace('ä');
  output.append('!');
  t.equal(fs.readFileSync(at('out', 'answer.txt'), 'utf8'), 'ä!');
  output.close();
  const again = open(at('out', 'answer.txt'));
  t.equal(fs.readFileSync(at('out', 'answer.txt'), 'utf8'), 'ä!', 'nothing is lost before there is something new');
  again.close();
  t.end();
});

t.test('a link, a second name, a FIFO and a folder are refused at the start', (t) => {
  fs.symlinkSync('../elsewhere/precious', at('out', 'link'));
  fs.symlinkSync('../elsewhere/new', at('out', 'to-nothing'));
  fs.linkSync(at('elsewhere', 'precious'), at('out', 'second'));
  fs.symlinkSync('../elsewhere', at('out', 'folder'));
  execaSync('mkfifo', [at('out', 'pipe')]);
  t.match(
    refusalOf(() => open(at('out', 'link'), followAll)),
    /is a link/,
  );
  t.match(
    refusalOf(() => open(at('out', 'to-nothing'), followAll)),
    /is a link/,
  );
  t.match(
    refusalOf(() => open(at('out', 'second'))),
    /2 names/,
  );
  t.match(
    refusalOf(() => open(at('out', 'folder', 'new'))),
    /reached by the link .*folder/,
  );
  t.match(
    refusalOf(() => open(at('out', 'pipe'))),
    /is not a file|ENXIO/,
  );
  t.equal(
    refusalOf(() => open(at('out'))),
    'EISDIR',
  );
  t.equal(fs.existsSync(at('elsewhere', 'new')), false);
  fs.unlinkSync(at('out', 'second'));
  const followed = open(at('out', 'folder', 'new'), followAll);
  followed.close();
  t.ok(fs.existsSync(at('elsewhere', 'new')), 'a link of the person’s own is followed');
  t.end();
});

t.test('a file or folder that replaces the original is not written to', (t) => {
  const exchanges: Readonly<Record<string, () => void>> = {
    'a link in its place': () => {
      fs.unlinkSync(at('out', 'answer'));
      fs.symlinkSync('../elsewhere/precious', at('out', 'answer'));
    },
    'a second name of another file': () => {
      fs.unlinkSync(at('out', 'answer'));
      fs.linkSync(at('elsewhere', 'precious'), at('out', 'answer'));
    },
    nothing: () => fs.unlinkSync(at('out', 'answer')),
    'a link in the place of the folder': () => {
      fs.renameSync(at('out'), at('out-before'));
      fs.symlinkSync('elsewhere', at('out'));
      fs.writeFileSync(at('elsewhere', 'answer'), 'precious too\n');
    },
    'another folder': () => {
      fs.renameSync(at('out'), at('out-before'));
      fs.mkdirSync(at('out'));
      fs.writeFileSync(at('out', 'answer'), 'another\n');
    },
  };
  for (const [what, exchange] of Object.entries(exchanges)) {
    for (const left of ['out', 'out-before']) fs.rmSync(at(left), { recursive: true, force: true });
    fs.mkdirSync(at('out'));
    const output = open(at('out', 'answer'));
    exchange();
    t.match(
      refusalOf(() => output.replace('evil')),
      /leads elsewhere/,
      what,
    );
    t.match(
      refusalOf(() => output.append('evil')),
      /leads elsewhere/,
      what,
    );
    output.close();
    t.equal(precious(), 'precious\n');
  }
  t.end();
});

t.test('an open descriptor of the caller is written directly', (t) => {
  const output = open('/dev/null');
  output.replace('nothing');
  output.close();
  const fd = fs.openSync(at('mine'), 'w');
  const mine = open(`/dev/fd/${fd}`);
  mine.replace('words');
  mine.close();
  fs.closeSync(fd);
  t.equal(fs.readFileSync(at('mine'), 'utf8'), 'words');
  t.end();
});
