import t from 'tap';
import { childEnvironment, shellEnvironmentPolicy } from '../../../server/config/settings/shell-environment.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

const BASE = {
  PATH: '/bin',
  HOME: '/h',
  TERM: 'x',
  LANG: 'C',
  API_KEY: 'k',
  my_token: 't',
  KEYBOARD: 'de',
  AWS_REGION: 'eu',
  Empty: '',
};

void t.test('each key of the policy, and the order in which they count', (t) => {
  const rows: readonly [toml: string, names: string[], why: string][] = [
    [
      '',
      ['API_KEY', 'AWS_REGION', 'Empty', 'HOME', 'KEYBOARD', 'LANG', 'PATH', 'TERM', 'my_token'],
      'everything passes by default',
    ],
    ['inherit = "core"', ['HOME', 'LANG', 'PATH'], 'TERM is not core'],
    ['inherit = "none"', [], 'nothing'],
    [
      'ignore_default_excludes = false',
      ['AWS_REGION', 'Empty', 'HOME', 'LANG', 'PATH', 'TERM'],
      'KEY, SECRET and TOKEN anywhere in the name, whatever the case',
    ],
    [
      'exclude = ["aws_*", "?ERM"]',
      ['API_KEY', 'Empty', 'HOME', 'KEYBOARD', 'LANG', 'PATH', 'my_token'],
      'globs without regard to case',
    ],
    [
      'exclude = ["[KL]A*", "[", "("]',
      ['API_KEY', 'AWS_REGION', 'Empty', 'HOME', 'KEYBOARD', 'PATH', 'TERM', 'my_token'],
      'classes, and no pattern that breaks the rest',
    ],
    [
      'inherit = "none"\nset = { A_KEY = "1", B = "2" }\nignore_default_excludes = false',
      ['A_KEY', 'B'],
      'what is set is not left out',
    ],
    ['inherit = "core"\nset = { B = "2" }\ninclude_only = ["P*"]', ['PATH'], 'include_only comes last'],
    [
      'filters = { "AWS_*" = "exclude" }',
      ['API_KEY', 'Empty', 'HOME', 'KEYBOARD', 'LANG', 'PATH', 'TERM', 'my_token'],
      'the newer spelling of exclude',
    ],
    ['filters = { "H*" = "include" }', ['HOME'], 'and of include_only'],
  ];
  for (const [toml, names, why] of rows) {
    const policy = shellEnvironmentPolicy(parseToml(`[shell_environment_policy]\n${toml}`));
    t.same(Object.keys(childEnvironment(policy, BASE)).sort(), names.sort(), why);
  }
  t.equal(
    childEnvironment(shellEnvironmentPolicy(parseToml('')), { A: undefined, B: '' }).B,
    '',
    'an empty value is a value',
  );
  t.end();
});
