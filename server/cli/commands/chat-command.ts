/** `codexd chat`: a conversation in the terminal. */
import { CHAT_OPTIONS } from '../options/chat-command-options.js';
import type { CommandSpec } from '../options/command-spec.js';

export const CHAT: CommandSpec = {
  name: 'chat',
  about: 'Talk with a model in the terminal',
  details:
    'What needs an approval is asked, and answered by a key. /help lists the commands and the keys. Where input or output is no terminal, each line of the input is a message. Exit codes are those of `codexd exec`.',
  options: CHAT_OPTIONS,
  positionals: {
    names: ['PROMPT', 'PROMPT_OF_SESSION'],
    help: 'The first message. With --resume and without --last: the session, then the message',
  },
  run: async (parsed) => (await import('../chat/run-chat.js')).runChat(parsed),
};
