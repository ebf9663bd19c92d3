import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createFileReader } from '../../../server/config/layers/config-file.js';
import { readsTrusted } from '../../../server/config/layers/trusted-files.js';
import { createConfigService } from '../../../server/config/settings/config-service.js';

function reader({ testdir }: Pick<typeof t, 'testdir'>) {
  const folder = testdir({ 'a.toml': 'x = 1\n', other: { 'b.toml': 'y = 2\n' } });
  const judged: { said: string | null } = { said: null };
  const asked: string[] = [];
  const inner = createFileReader({ keeps: () => true, lossMs: 0, waits: false });
  const read = readsTrusted(inner, folder, (file) => {
    asked.push(path.relative(folder, file));
    return judged.said;
  });
  return { folder, judged, asked, read, file: path.join(folder, 'a.toml') };
}

t.test('a file counts as long as the judgement says so, and the same answer is the same object', async (t) => {
  const { judged, read, file } = reader(t);
  const first = read(file);
  t.match(first, { kind: 'parsed' });
  t.equal(read(file), first);
  judged.said = 'it belongs to a user';
  const refused = read(file);
  t.strictSame(refused, { kind: 'unreadable', path: file, message: 'it belongs to a user' });
  t.equal(read(file), refused);
  judged.said = null;
  t.equal(read(file), first);
});

t.test('only files of the folder that are there are judged', async (t) => {
  const { folder, asked, read } = reader(t);
  t.match(read(path.join(folder, 'none.toml')), { kind: 'missing' });
  t.match(read(path.join(folder, 'other', 'b.toml')), { kind: 'parsed' });
  t.strictSame(asked, []);
  fs.writeFileSync(path.join(folder, 'bad.toml'), 'x = \n');
  t.match(read(path.join(folder, 'bad.toml')), { kind: 'malformed' });
  t.strictSame(asked, ['bad.toml']);
});

t.test("the kept text of a removed file has the judgement that it had: a user's never counts", async (t) => {
  const kept = reader(t);
  const text = kept.read(kept.file);
  fs.rmSync(kept.file);
  kept.judged.said = 'missing';
  t.equal(kept.read(kept.file), text, "the administrator's text holds");

  const planted = reader(t);
  planted.judged.said = 'it belongs to a user';
  t.match(planted.read(planted.file), { kind: 'unreadable' });
  fs.rmSync(planted.file);
  planted.judged.said = 'missing';
  const gone = planted.read(planted.file);
  t.match(gone, { kind: 'missing', path: planted.file });
  t.equal(planted.read(planted.file), gone);
});

t.test('requirements that may be planted restrict commands, and say why', async (t) => {
  const systemDir = t.testdir({ home: {}, 'requirements.toml': 'allowed_approval_policies = ["never"]\n' });
  const why = 'C:\\ProgramData\\OpenAI belongs to S-1-5-21-1';
  const env = { CODEXD_SYSTEM_CONFIG_DIR: systemDir };
  const read = readsTrusted(createFileReader(), systemDir, () => why);
  const source = createConfigService({ codexHome: path.join(systemDir, 'home'), env, read });
  t.throws(() => source.requirements(), { message: /belongs to S-1-5-21-1/ });
  t.match(source.enforcedRequirements(), { origin: 'requirements' });
});
