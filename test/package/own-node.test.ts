import fs from 'node:fs';
import path from 'node:path';
import { test } from 'tap';
import { fileWords, isProgramFile, nodeCommand, nodeTextCommand, ownCommand } from '../../server/package/own-node.js';
import { packageRoot } from '../../server/package/package-root.js';
import { runToEnd } from '../fixtures/programs.js';

const run = ([file, ...args]: readonly [string, ...string[]]): string => runToEnd(file, args).stdout;

test('a Node with scripts is no program file', (t) => {
  t.equal(isProgramFile(), false);
  t.same(fileWords(), []);
  t.same(ownCommand(['app-server']), [process.execPath, path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server']);
  t.end();
});

test('a script gets its arguments, by name and as text', (t) => {
  const file = path.join(t.testdir({}), 'words.cjs');
  fs.writeFileSync(file, 'console.log(JSON.stringify(process.argv.slice(2)))');
  const args = ['a b', '--flag', ''];
  t.same(JSON.parse(run(nodeCommand(file, args))), args);
  const text = 'console.log(JSON.stringify([...process.argv.slice(1), path.basename("x/y"), typeof require]))';
  t.same(JSON.parse(run(nodeTextCommand(text, args))), [...args, 'y', 'function']);
  t.end();
});
