/** What a command with `transparent_tcp` has more than others: made once, when it enters its lane. */
import type { TransparentHandlers } from '../lanes/lane-turn.js';
import type { CommandPort } from '../proxy/upstream/command-port.js';
import { answerQuestion } from './answer-question.js';
import { createNameAddresses } from './name-addresses.js';
import { serveTransparent } from './serve-transparent.js';

/** `ipv6`: whether the lane has such addresses. */
export function transparentHandlers(command: CommandPort, ipv6: boolean): TransparentHandlers {
  const names = createNameAddresses();
  return {
    connection: (socket) => serveTransparent(socket, { command, names, ipv6 }),
    question(message, answer) {
      const bytes = answerQuestion(message, names, ipv6);
      if (bytes !== null) answer(bytes);
    },
  };
}
