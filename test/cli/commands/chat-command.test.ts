import t from 'tap';
import { CHAT } from '../../../server/cli/commands/chat-command.js';
import { helpFor } from '../../../server/cli/options/help.js';
import { CODEXD } from '../../../server/cli/program.js';

t.test('the help names the forms and the sessions', async (t) => {
  const help = helpFor([CODEXD, CHAT]);
  t.match(help, /codexd chat \[OPTIONS\] \[PROMPT\]/);
  for (const option of ['--attach', '--resume', '--plain', '--image', '--sandbox']) t.match(help, option);
});
