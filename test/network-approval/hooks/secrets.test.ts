import t from 'tap';
import fs from 'node:fs';
import path from 'node:path';
import { injectedValue, secretVariables } from '../../../server/network-approval/hooks/secrets.js';
import { hookOf } from '../support/hooks.js';
import { scratchFolder } from '../support/certificates.js';

const variable = { name: 'x-t', prefix: 'Bearer ', from: { variable: 'TOKEN' } };

t.test('a secret comes from a variable or from a file', async (t) => {
  const file = path.join(scratchFolder(t), 'secret');
  fs.writeFileSync(file, ' content \n');
  t.equal(await injectedValue(variable, { TOKEN: 'value' }), 'Bearer value');
  t.equal(await injectedValue({ ...variable, from: { file } }, {}), 'Bearer content');
  t.strictSame(secretVariables([hookOf({ inject: [variable] })]), ['TOKEN']);
});

t.test('an error names the place and never the secret', async (t) => {
  const folder = scratchFolder(t);
  const file = path.join(folder, 'secret');
  fs.writeFileSync(file, 'two\nlines-of-secret');
  const fromFile = (name: string) => ({ ...variable, from: { file: path.join(folder, name) } });
  const start =
    'failed to start managed network proxy: failed to build network proxy state: failed to compile injected header x-t: ';
  const rows: readonly [() => Promise<string>, string][] = [
    [() => injectedValue(variable, {}), 'the environment variable TOKEN is missing'],
    [() => injectedValue(variable, { TOKEN: '' }), 'the environment variable TOKEN is empty'],
    [
      () => injectedValue(variable, { TOKEN: 'a\nb' }),
      'the environment variable TOKEN contains what a header cannot carry',
    ],
    [() => injectedValue(fromFile('secret'), {}), `the secret file ${file} contains what a header cannot carry`],
    [() => injectedValue(fromFile('none'), {}), `the secret file ${folder}/none cannot be read (ENOENT)`],
    [() => injectedValue(fromFile('.'), {}), `the secret file ${folder} is no regular file`],
  ];
  for (const [value, problem] of rows)
    await t.rejects(value(), { code: 'network.policy', message: `${start}${problem}` });
});
