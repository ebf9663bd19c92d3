/** Holds the table of families against what is loaded, and shows that a wrong entry does not compile. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { METHOD_PARTS, type OfferedMethod } from '../../server/app/method-families.js';
import { part } from '../../server/app/method-part.js';
import { NOT_OFFERED } from '../../server/app/not-offered.js';
import { clientMethods, extensionMethods } from '../../schema/method-table.js';
import { defineMethods } from '../../server/rpc/connection/define-methods.js';

const { methodsPage } = (await import(path.resolve('scripts/methods-page.mjs'))) as {
  methodsPage(): Promise<string>;
};

const namesOf = (families: object): OfferedMethod[] =>
  Object.values(families as Record<string, readonly OfferedMethod[]>).flat();
const offered: string[] = Object.values(METHOD_PARTS).flatMap(({ families }) => namesOf(families));

t.test('every method is in one family, or is listed as not offered', (t) => {
  const listed = ['initialize', ...offered, ...NOT_OFFERED];
  t.equal(new Set(listed).size, listed.length, 'each once');
  t.same([...listed].sort(), [...Object.keys(clientMethods), ...Object.keys(extensionMethods)].sort());
  t.end();
});

t.test('the committed page equals the generated page (node scripts/generate-methods.mjs)', async (t) => {
  const committed = fs.readFileSync(path.resolve('docs/methods.md'), 'utf8');
  t.equal(await methodsPage(), committed);
  for (const method of [...offered, ...NOT_OFFERED]) t.ok(committed.includes(`\`${method}\``), method);
});

t.test('mistakes that the compiler refuses', (t) => {
  const goals = defineMethods(() => ({
    'thread/goal/get': () => ({ goal: null }),
    'thread/goal/clear': () => ({ cleared: false }),
  }))(null);
  const right = part({ goals: ['thread/goal/get', 'thread/goal/clear'] }, async () => ({ goals }));
  t.same(right.families, { goals: ['thread/goal/get', 'thread/goal/clear'] });

  // @ts-expect-error: the family has a method more than the table
  part({ goals: ['thread/goal/get'] }, async () => ({ goals }));
  // @ts-expect-error: the table has a method more than the family
  part({ goals: ['thread/goal/get', 'thread/goal/clear', 'thread/goal/set'] }, async () => ({ goals }));
  // @ts-expect-error: the table has a family that is not loaded
  part({ goals: ['thread/goal/get', 'thread/goal/clear'], memory: [] }, async () => ({ goals }));
  // @ts-expect-error: a family is loaded that the table does not have
  part({ goals: ['thread/goal/get', 'thread/goal/clear'] }, async () => ({ goals, more: goals }));
  // @ts-expect-error: no method of the registry
  part({ goals: ['thread/goal/none'] }, async () => ({ goals }));
  // @ts-expect-error: no method of the registry
  defineMethods(() => ({ 'thread/goal/none': () => ({}) }));
  // @ts-expect-error: not the result of the method
  defineMethods(() => ({ 'thread/goal/clear': () => ({ cleared: 'yes' }) }));
  // @ts-expect-error: not in the params of the method
  defineMethods(() => ({ 'thread/goal/clear': ({ goal }) => ({ cleared: goal === null }) }));
  t.end();
});
