import t from 'tap';
import { newHaystack } from '../../../server/file-search/match/alignment.js';
import { maskOf, PathIndex } from '../../../server/file-search/match/path-index.js';

const needle = (text: string): Uint32Array => Uint32Array.from(Buffer.from(text));

t.test('what was added is there, however much it is', async (t) => {
  const index = new PathIndex();
  for (let at = 0; at < 5000; at++) index.add(at % 3, `dir${at}/naïve-${at}`, at % 2 === 0);
  t.equal(index.size, 5000);
  t.equal(index.pathOf(4321), 'dir4321/naïve-4321');
  t.equal(index.nameOf(4321), 'naïve-4321');
  t.same([index.rootOf(4321), index.isFolder(4321), index.depthOf(4321)], [1, false, 1]);
  t.same([index.lengthOf(4321), index.nameLengthOf(4321)], [18, 10]);
  t.ok(index.compare(1, 2) < 0 && index.compare(2, 1) > 0 && index.compare(3, 3) === 0);
});

t.test('paths are refused by their letters', async (t) => {
  const index = new PathIndex();
  index.add(0, 'src/Name.ts', false);
  index.add(0, 'src/ñ.ts', false);
  const mask = (text: string): number => maskOf(needle(text), 0, text.length);
  t.ok(index.mayHave(0, mask('name.')));
  t.notOk(index.mayHave(0, mask('namex')));
  t.ok(index.mayHave(1, mask('anything')), 'what is not ASCII is looked at');
  t.equal(index.hasInOrder(0, needle('sname'), false), true);
  t.equal(index.hasInOrder(0, needle('sname'), true), false);
  t.equal(index.hasInOrder(1, needle('s'), false), null);
});

t.test('a path or its name is read as characters', async (t) => {
  const index = new PathIndex();
  index.add(0, 'Ab/Ñx', false);
  const haystack = newHaystack();
  const text = (): string => String.fromCodePoint(...haystack.folded.subarray(0, haystack.length));
  index.read(0, haystack, true, false);
  t.equal(text(), 'ab/nx');
  index.read(0, haystack, false, true);
  t.equal(text(), 'ñx');
});
