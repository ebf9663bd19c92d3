/** Whole flows: who may bring a hook, and what a required guard stops, with a real daemon, shell and sandbox. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { modelConfig } from '../fixtures/model-config.js';
import { startModelServer } from '../fixtures/model-server.js';
import { commands, exec, outputOf, runTurn } from '../fixtures/turn-scene.js';

t.setTimeout(240_000);

async function scene(
  t: { teardown(fn: () => unknown): unknown },
  files: (root: string) => Readonly<Record<string, string>>,
  config: (root: string) => string = () => '',
) {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-flows-'));
  for (const [name, text] of Object.entries({ 'work/.git/HEAD': '', 'system/config.toml': '', ...files(root) })) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const model = await startModelServer();
  const env = { CODEXD_SYSTEM_CONFIG_DIR: path.join(root, 'system') };
  const own = modelConfig(model.url).replace('"read-only"', '"workspace-write"');
  const daemon: TestDaemon = await startDaemon({ root, env, config: own + config(root) });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
    fs.rmSync(root, { recursive: true, force: true });
  });
  return { root, model, daemon, client: await daemon.connect() };
}

t.test('a project’s hook runs when its user trusts its text, and not before or after', async (t) => {
  const hook = (word: string, root: string): string =>
    JSON.stringify({
      hooks: { UserPromptSubmit: [{ hooks: [{ type: 'command', command: `echo ${word} >> ${root}/log` }] }] },
    });
  const s = await scene(
    t,
    (root) => ({ 'work/.codex/hooks.json': hook('one', root), log: '' }),
    (root) => `[projects."${root}/work"]\ntrust_level = "trusted"\n`,
  );
  const log = (): string => fs.readFileSync(path.join(s.root, 'log'), 'utf8');
  const turn = async (): Promise<void> => {
    const { thread } = await s.client.request('thread/start', { cwd: s.daemon.work });
    await runTurn(s.client, thread.id, 'hi');
  };
  await turn();
  t.equal(log(), '', 'nobody trusts it');
  const [found] = (await s.client.request('hooks/list', {})).data[0]?.hooks ?? [];
  t.match(found, { source: 'project', trustStatus: 'untrusted' });
  const own = `[hooks.state."${found?.key}"]\ntrusted_hash = "${found?.currentHash}"\n`;
  fs.writeFileSync(path.join(s.daemon.work, '.codex/config.toml'), own);
  await turn();
  t.equal(log(), '', 'the project cannot trust itself');
  fs.appendFileSync(path.join(s.daemon.home, 'config.toml'), own);
  await turn();
  t.equal(log(), 'one\n');
  fs.writeFileSync(path.join(s.daemon.work, '.codex/hooks.json'), hook('two', s.root));
  await turn();
  t.equal(log(), 'one\n', 'the text has changed');
});

t.test(
  'a required guard stops every form of a command, with a reason, without one, and when it is missing',
  async (t) => {
    let calls = 0;
    for (const command of ['echo no >&2; exit 2', 'exit 2', 'no-such-guard']) {
      const guard = `[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "${command}"\n`;
      const s = await scene(t, () => ({ 'system/requirements.toml': guard }));
      const { thread } = await s.client.request('thread/start', {
        cwd: s.daemon.work,
        config: { 'features.hooks': false },
      });
      const patch = '*** Begin Patch\n*** Add File: made\n+x\n*** End Patch';
      for (const cmd of [
        'touch made',
        'bash -c "touch made"',
        `apply_patch <<'EOF'\n${patch}\nEOF`,
        `cd . && apply_patch <<'EOF'\n${patch}\nEOF`,
        `true; apply_patch '${patch}'`,
      ]) {
        const id = `call-${++calls}`;
        s.model.push(...commands(exec(id, cmd)));
        await runTurn(s.client, thread.id, 'go');
        t.match(outputOf(s.model, id), /blocked by PreToolUse hook/, `${command}: ${cmd}`);
        t.notOk(fs.existsSync(path.join(s.daemon.work, 'made')), `${command}: ${cmd}`);
      }
    }
  },
);
