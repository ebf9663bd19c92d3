/**
 * What happens, for people: standard output gets the last message and nothing else, standard error the rest. Where both are
 * one terminal, nothing is printed twice.
 */
import { PROTOCOL_VERSION } from '../../version.js';
import type { ExecListener } from './exec-listener.js';

export function plainOutput(
  out: (text: string) => void,
  say: (line: string) => void,
  oneTerminal: boolean,
): ExecListener {
  let [saidMessage, saidError]: (string | null)[] = [null, null];
  return {
    opened(thread, prompt) {
      say(`codexd exec (protocol ${PROTOCOL_VERSION})`);
      say('--------');
      say(`workdir: ${thread.cwd}`);
      say(`model: ${thread.model}`);
      say(`provider: ${thread.modelProvider}`);
      say('approval: never');
      say(`sandbox: ${thread.sandbox}`);
      if (thread.effort !== null) say(`reasoning effort: ${thread.effort}`);
      say(`session id: ${thread.id}`);
      say('--------');
      say('user');
      say(prompt);
    },
    turnStarted() {},
    warning: (message) => say(`warning: ${message}`),
    error(message) {
      saidError = message;
      say(`error: ${message}`);
    },
    itemStarted(item) {
      if (item.type === 'commandExecution') say(`exec\n${item.command} in ${item.cwd}`);
    },
    itemCompleted(item) {
      if (item.type === 'agentMessage') {
        saidMessage = item.text;
        say(`codex\n${item.text}`);
      }
      if (item.type === 'reasoning' && item.summary.length > 0) say(`thinking\n${item.summary.join('\n')}`);
      if (item.type === 'fileChange') {
        say(`file changes ${item.status}\n${item.changes.map(({ path, kind }) => `${kind.type} ${path}`).join('\n')}`);
      }
      if (item.type === 'commandExecution') {
        const how =
          item.status === 'completed' ? 'succeeded' : item.exitCode === null ? item.status : `exited ${item.exitCode}`;
        say(` ${how} in ${item.durationMs ?? 0}ms:\n${item.aggregatedOutput ?? ''}`);
      }
    },
    plan: ({ plan }) =>
      say(`plan\n${plan.map(({ step, status }) => `${status === 'completed' ? '[x]' : '[ ]'} ${step}`).join('\n')}`),
    ended({ error, usage, lastMessage }) {
      if (error !== null && error !== saidError) say(`error: ${error}`);
      if (usage !== null) say(`tokens used\n${usage.totalTokens - usage.cachedInputTokens}`);
      if (error === null && lastMessage !== null && !(oneTerminal && lastMessage === saidMessage))
        out(`${lastMessage}\n`);
    },
  };
}
