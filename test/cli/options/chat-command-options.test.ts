import t from 'tap';
import { CHAT_OPTIONS } from '../../../server/cli/options/chat-command-options.js';

t.test('each option is there once', async (t) => {
  const names = CHAT_OPTIONS.flatMap(({ long, short, aliases = [] }) => [long, ...(short ? [short] : []), ...aliases]);
  t.equal(new Set(names).size, names.length);
  for (const long of ['model', 'sandbox', 'cd', 'profile', 'add-dir', 'oss'])
    t.ok(
      CHAT_OPTIONS.some((option) => option.long === long),
      long,
    );
});
