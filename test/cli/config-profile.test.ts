/** `--profile`, `--ignore-user-config` and `--ignore-rules`: which of the user's files count for one run. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type Step } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig } from '../fixtures/program.js';

t.setTimeout(180_000);

async function stage(t: Test, ...script: Step[]) {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const config = scriptedConfig(model.url);
  const places = scratch(t, config);
  const file = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(places.home, name)), { recursive: true });
    fs.writeFileSync(path.join(places.home, name), text);
  };
  return {
    config,
    file,
    run: (...args: string[]) => codexd(places, args),
    model: () => model.requests.at(-1)?.body.model,
    asked: () => model.requests.length,
    tools: () =>
      (model.requests.at(-1)?.body.tools ?? []) as readonly { type: string; external_web_access?: boolean }[],
    input: () => JSON.stringify(model.requests.at(-1)?.body.input),
  };
}
const FREE = '--skip-git-repo-check';

t.test('a profile overrides the user file, and the command line overrides the profile', async (t) => {
  const { run, file, model } = await stage(t, say('1'), say('2'), say('3'), say('4'));
  file('work.config.toml', 'model = "work-model"');
  file('night.config.toml', 'model = "night-model"');
  t.match(await run('exec', FREE, '-p', 'work', 'x'), { code: 0 });
  t.equal(model(), 'work-model');
  t.match(await run('-p', 'work', 'exec', FREE, '-p', 'night', 'x'), { code: 0 });
  t.equal(model(), 'night-model', 'the option of the command itself counts');
  t.match(await run('-p', 'work', '-c', 'model="flag-model"', 'exec', FREE, 'x'), { code: 0 });
  t.equal(model(), 'flag-model');
  const missing = await run('exec', FREE, '-p', 'nobody', 'x');
  t.match(missing, {
    code: 0,
    stderr: /warning: The configuration profile of --profile has no file: .*nobody.config.toml/,
  });
  t.equal(model(), 'mock-model');
});

t.test('an unusable profile ends the run with one error that names its place', async (t) => {
  const { run, file, asked } = await stage(t);
  file('torn.config.toml', 'model = [');
  file('wrong.config.toml', 'model_context_window = "many"');
  file('odd.config.toml', 'modle = "x"');
  for (const [args, error] of [
    [['-p', 'torn'], /torn\.config\.toml:1:\d+: /],
    [['-p', 'wrong'], /wrong\.config\.toml:1:24: /],
    [['-p', 'odd', '--strict-config'], /odd\.config\.toml:1:1: unknown configuration field `modle`/],
  ] as const) {
    const ended = await run('exec', FREE, ...args, 'x');
    t.equal(ended.code, 1);
    t.match(ended.stderr, error);
    t.equal(ended.stderr.match(/\.config\.toml:/g)?.length, 1, 'said once');
  }
  t.match(await run('sandbox', '-p', 'torn', '--', 'true'), { code: 1, stderr: /torn\.config\.toml/ });
  for (const name of ['../work', '', 'a.b', 'a/b', 'ä']) {
    t.match(await run('exec', '-p', name, 'x'), { code: 2, stderr: /pass a plain name such as `work`/ });
  }
  t.match(await run('-p', 'work', 'app-server'), { code: 1, stderr: /--profile only applies to/ });
  t.equal(asked(), 0);
});

t.test('--ignore-user-config ignores config.toml but not the profile', async (t) => {
  const { run, file, config, model } = await stage(t, say('1'));
  file('config.toml', 'model = [');
  file('alone.config.toml', config.replace('mock-model', 'alone-model'));
  t.match(await run('exec', FREE, '--ignore-user-config', '-p', 'alone', 'x'), { code: 0 });
  t.equal(model(), 'alone-model');
});

t.test('--ignore-rules ignores the rules of the user', async (t) => {
  const call = items(event.call('exec_command', { cmd: 'ls /' }));
  const { run, file, input } = await stage(t, call, say('1'), call, say('2'));
  file('rules/default.rules', 'prefix_rule(pattern=["ls"], decision="forbidden")\n');
  t.match(await run('exec', FREE, 'x'), { code: 0 });
  t.match(input(), /forbid|rule/i);
  t.notMatch(input(), 'tmp\\nusr');
  t.match(await run('exec', FREE, '--ignore-rules', 'x'), { code: 0 });
  t.match(input(), 'usr\\nvar');
});

t.test('--search enables live web search for the model, also before exec', async (t) => {
  const { run, tools } = await stage(t, say('1'), say('2'), say('3'));
  const live = (): boolean => tools().some((tool) => tool.type === 'web_search' && tool.external_web_access === true);
  t.match(await run('exec', FREE, 'x'), { code: 0 });
  t.notOk(live());
  t.match(await run('--search', 'exec', FREE, 'x'), { code: 0 });
  t.ok(live());
  t.match(await run('--search', 'exec', FREE, '-c', 'web_search="disabled"', 'x'), { code: 0 });
  t.notOk(live(), 'what is written out counts');
});
