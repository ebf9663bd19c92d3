/** Images that a person names. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { pastedImage, readImage } from '../../../../clients/chat/session/images.js';

const cwd = t.testdir({ 'a.png': 'pixels', 'My Photo.JPG': 'photo', 'notes.txt': 'x', 'folder.png': {} });
const here = { cwd, sends: false };

t.test('an image of this machine goes as a path, one for another machine as bytes', async (t) => {
  const file = path.join(cwd, 'a.png');
  t.strictSame(readImage('a.png', here), { path: file, input: { type: 'localImage', path: file } });
  t.strictSame(readImage(file, { cwd: '/', sends: true }), {
    path: file,
    input: { type: 'image', url: `data:image/png;base64,${Buffer.from('pixels').toString('base64')}` },
  });
  const photo = readImage('My Photo.JPG', { cwd, sends: true }).input;
  t.match(photo, { url: /^data:image\/jpeg;base64,/ }, 'the case of the ending does not count');
});

t.test('what cannot be sent is an error that names the file', async (t) => {
  const huge = path.join(cwd, 'huge.webp');
  fs.writeFileSync(huge, '');
  fs.truncateSync(huge, 20 * 1024 * 1024 + 1);
  for (const [named, said] of [
    ['notes.txt', /^notes\.txt: not an image \(\.png, /],
    ['none.png', /^none\.png: there is no such file$/],
    ['folder.png', /^folder\.png: there is no such file$/],
    ['huge.webp', /^huge\.webp: larger than 20 MiB$/],
  ] as const)
    t.throws(() => readImage(named, here), { message: said }, named);
  fs.truncateSync(huge, 20 * 1024 * 1024);
  t.equal(readImage('huge.webp', here).path, huge, 'the largest');
});

t.test('a pasted path of an image attaches it, everything else is text', async (t) => {
  const file = path.join(cwd, 'a.png');
  const photo = path.join(cwd, 'My Photo.JPG');
  for (const [text, found] of [
    [file, file],
    [` ${file}\n`, file],
    [`'${photo}'`, photo],
    [`"${photo}"`, photo],
    [photo.replaceAll(' ', '\\ '), photo],
    ['a.png', null],
    [path.join(cwd, 'none.png'), null],
    [path.join(cwd, 'notes.txt'), null],
    [`${file}\n${file}`, null],
    [`look at ${file}`, null],
  ] as const)
    t.equal(pastedImage(text, { cwd: '/', sends: false })?.path ?? null, found, text);
});
