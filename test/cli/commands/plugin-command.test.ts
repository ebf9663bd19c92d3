import t from 'tap';
import { PLUGIN_COMMAND } from '../../../server/cli/commands/plugin-command.js';

t.test("the reference's commands and options", (t) => {
  const named = ({ subcommands = [] }: typeof PLUGIN_COMMAND) =>
    subcommands.map(({ name, options }) => [name, options.map(({ long }) => long)]);
  t.same(named(PLUGIN_COMMAND), [
    ['add', ['marketplace', 'json']],
    ['list', ['marketplace', 'json', 'available']],
    ['marketplace', []],
    ['remove', ['marketplace', 'json']],
  ]);
  const marketplace = PLUGIN_COMMAND.subcommands?.find(({ name }) => name === 'marketplace');
  t.same(marketplace === undefined ? [] : named(marketplace), [
    ['add', ['ref', 'sparse', 'json']],
    ['list', ['json']],
    ['upgrade', ['json']],
    ['remove', ['json']],
  ]);
  t.end();
});
