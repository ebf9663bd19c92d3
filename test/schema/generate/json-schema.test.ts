// Not in test:quick: it compiles a JSON Schema for every type of the protocol.
import fs from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { extensionNotifications, extensionRequests } from '../../../schema/extension-requests.js';
import { generateJsonSchema } from '../../../schema/generate/json-schema.js';

type Json = Record<string, unknown>;
const read = (dir: string, file: string): Json => JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8')) as Json;
const files = (dir: string): string[] =>
  fs
    .readdirSync(dir, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.json'));

/** ajv reads draft-07; formats are widths of integers here and checked by minimum alone. */
const ajv = (): Ajv => new Ajv({ strict: false, validateFormats: false });

for (const experimental of [true, false]) {
  t.test(
    `every generated schema is complete (${experimental ? 'all' : 'without the experimental part'})`,
    async (t) => {
      const out = t.testdir();
      generateJsonSchema({ out, experimental });
      for (const file of files(out)) {
        const schema = read(out, file);
        t.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#', `${file} is draft-07`);
        t.doesNotThrow(() => ajv().compile(schema), `${file} compiles`);
        const pointers = JSON.stringify(schema).match(/"\$ref":"[^"]*"/g) ?? [];
        for (const pointer of new Set(pointers)) t.ok(resolves(schema, pointer.slice(8, -1)), `${file}: ${pointer}`);
        t.notMatch(JSON.stringify(schema), /"(x-experimental|\$id)"/, `${file} shows none of our own keywords`);
      }
    },
  );
}

function resolves(schema: Json, pointer: string): boolean {
  let node: unknown = schema;
  for (const name of pointer.replace(/^#\//, '').split('/')) node = (node as Json | undefined)?.[name];
  return node !== undefined;
}

t.test('RequestId equals the recorded schema', async (t) => {
  const out = t.testdir();
  generateJsonSchema({ out, experimental: false });
  t.same(read(out, 'RequestId.json'), {
    $schema: 'http://json-schema.org/draft-07/schema#',
    anyOf: [{ type: 'string' }, { format: 'int64', type: 'integer' }],
    title: 'RequestId',
  });
});

t.test("files and bundles have the protocol's layout", async (t) => {
  const out = t.testdir();
  generateJsonSchema({ out, experimental: true });
  const folders = fs.readdirSync(out, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.same(folders.map(({ name }) => name).sort(), ['v1', 'v2']);
  // Params and results, the prompt of command/exec, and the notifications.
  const own = 2 * Object.keys(extensionRequests).length + 2 + Object.keys(extensionNotifications).length;
  const older = 2; // currentTime/read, which 0.169 has
  t.equal(files(out).length, 483 + older + own, 'as many files as 0.171 writes, and those of our own methods');
  const bundle = read(out, 'codex_app_server_protocol.schemas.json').definitions as Json;
  t.ok((bundle.v2 as Json).ThreadStartParams, 'types of v2 stand below v2');
  t.ok(bundle.InitializeParams, 'the others beside it');
  const flat = read(out, 'codex_app_server_protocol.v2.schemas.json').definitions as Json;
  t.ok(flat.ThreadStartParams && flat.ClientRequest && flat.InitializeParams);
});

t.test('the schemas accept the same messages as the decoder', async (t) => {
  const [all, stable] = [path.join(t.testdir(), 'all'), path.join(t.testdirName, 'stable')];
  generateJsonSchema({ out: all, experimental: true });
  generateJsonSchema({ out: stable, experimental: false });
  const judge = (dir: string, file: string) => ajv().compile(read(dir, file));
  const request = { id: 1, method: 'command/exec', params: { command: ['true'], sandboxPolicy: { type: 'readOnly' } } };
  t.ok(judge(stable, 'ClientRequest.json')(request));
  t.notOk(judge(stable, 'ClientRequest.json')({ ...request, params: { command: 'true' } }));
  const spawn = { id: 2, method: 'process/spawn', params: { command: ['true'], processHandle: 'h', cwd: '/' } };
  t.ok(judge(all, 'ClientRequest.json')(spawn));
  t.notOk(judge(stable, 'ClientRequest.json')(spawn), 'gated methods are not in the stable schema');
  const decisions = { id: 3, method: 'network/decisions/list', params: { verdict: 'deny' } };
  t.ok(judge(all, 'ClientRequest.json')(decisions), 'our own method is there');
  t.notOk(judge(all, 'ClientRequest.json')({ ...decisions, params: { verdict: 'maybe' } }));
  t.notOk(judge(stable, 'ClientRequest.json')(decisions), 'with --experimental alone');
  const denied = { exitCode: -1, stdout: '', stderr: '', networkDenial: { host: 'h' } };
  t.notOk(judge(all, 'v2/CommandExecResponse.json')(denied), 'our own additions are described too');
});

t.test('an error names a folder that cannot be created', async (t) => {
  const out = path.join(t.testdir({ file: '' }), 'file', 'below');
  t.throws(() => generateJsonSchema({ out, experimental: false }), { message: `Failed to create ${out}` });
});
