import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import t from 'tap';
import { generateTypeScript } from '../../../schema/generate/typescript.js';

const read = (dir: string, file: string): string => fs.readFileSync(path.join(dir, file), 'utf8');

for (const experimental of [true, false]) {
  t.test(`the generated types compile (${experimental ? 'all' : 'without the experimental part'})`, async (t) => {
    const out = t.testdir();
    generateTypeScript({ out, experimental });
    const program = ts.createProgram([path.join(out, 'index.ts')], {
      noEmit: true,
      strict: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    });
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    t.same(problems, []);
    const files = fs
      .readdirSync(out, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts'));
    t.same(
      files.filter((file) => !program.getSourceFile(path.join(out, file))),
      [],
      'every file is reached from index.ts',
    );
    t.ok(files.every((file) => read(out, file).startsWith('// GENERATED CODE! DO NOT MODIFY BY HAND!\n')));
  });
}

t.test('files are at the paths that clients import', async (t) => {
  const out = t.testdir();
  generateTypeScript({ out, experimental: false });
  const expected = ['index.ts', 'v2/index.ts', 'ClientRequest.ts', 'ClientNotification.ts', 'ServerRequest.ts'];
  expected.push('ServerNotification.ts', 'RequestId.ts', 'InitializeParams.ts', 'serde_json/JsonValue.ts');
  expected.push(
    'SessionSource.ts',
    'v2/SessionSource.ts',
    'v2/Thread.ts',
    'v2/TurnStartParams.ts',
    'v2/CommandExecParams.ts',
  );
  t.same(
    expected.filter((file) => !fs.existsSync(path.join(out, file))),
    [],
  );
  t.match(read(out, 'RequestId.ts'), /^export type RequestId = string \| number;$/m);
  t.match(read(out, 'index.ts'), /\nexport \* as v2 from "\.\/v2";\n$/);
  t.match(read(out, 'v2/ConfigEdit.ts'), /import type { JsonValue } from "\.\.\/serde_json\/JsonValue";/);
});

t.test('gated methods and members are written only with --experimental', async (t) => {
  const [all, stable] = [path.join(t.testdir(), 'all'), path.join(t.testdirName, 'stable')];
  generateTypeScript({ out: all, experimental: true });
  generateTypeScript({ out: stable, experimental: false });
  const rows: [file: string, text: string][] = [
    ['ClientRequest.ts', '"process/spawn"'],
    ['v2/CommandExecParams.ts', 'permissionProfile'],
    ['v2/ThreadStartParams.ts', 'dynamicTools'],
    ['v2/CommandExecResponse.ts', 'networkDenial'],
    ['ClientRequest.ts', '"network/decisions/list"'],
    ['v2/index.ts', 'NetworkDecision'],
    ['v2/McpServerElicitationRequestParams.ts', 'openai/userVerification'],
  ];
  for (const [file, text] of rows) {
    t.ok(read(all, file).includes(text), `${text} in ${file}`);
    t.notOk(read(stable, file).includes(text), `${text} not in the stable ${file}`);
  }
  t.ok(fs.existsSync(path.join(all, 'v2/ProcessSpawnParams.ts')));
  t.notOk(fs.existsSync(path.join(stable, 'v2/ProcessSpawnParams.ts')));
  t.ok(read(stable, 'v2/AskForApproval.ts').includes('granular'), 'the type of answers keeps all its words');
});

t.test('an error names a folder or a Prettier that does not work', async (t) => {
  const file = path.join(t.testdir({ file: '' }), 'file', 'below');
  t.throws(() => generateTypeScript({ out: file, experimental: false }), { message: `Failed to create ${file}` });
  const out = path.join(t.testdirName, 'out');
  const missing = path.join(t.testdirName, 'no-prettier');
  t.throws(() => generateTypeScript({ out, experimental: false, prettier: missing }), {
    message: `Failed to invoke Prettier at ${missing}`,
  });
  t.ok(fs.existsSync(path.join(out, 'index.ts')), 'the files are written before it is started');
});

t.test('Prettier formats every file', async (t) => {
  const dir = t.testdir({ prettier: '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.args"\n' });
  const prettier = path.join(dir, 'prettier');
  fs.chmodSync(prettier, 0o755);
  const out = path.join(dir, 'out');
  generateTypeScript({ out, experimental: false, prettier });
  const args = fs.readFileSync(`${prettier}.args`, 'utf8').trim().split('\n');
  t.same(args.slice(0, 3), ['--write', '--log-level', 'warn']);
  t.equal(
    args.length - 3,
    fs
      .readdirSync(out, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts')).length,
  );
});
