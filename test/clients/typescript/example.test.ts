import t from 'tap';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../server/package-root.js';

const read = (...parts: string[]): string => readFileSync(path.join(packageRoot(), ...parts), 'utf8');

t.test('the example in README.md is the one that is compiled', (t) => {
  const source = read('clients', 'typescript', 'example.ts');
  const example = /\/\/ example\n(.*)\/\/ end of example/s.exec(source)?.[1];
  const published = example?.replace("'./index.js'", "'codexd/client'");
  t.ok(published, 'there is an example');
  t.ok(read('README.md').includes('```ts\n' + published + '```'));
  t.end();
});
