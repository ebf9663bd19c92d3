/**
 * The output for people. Standard output receives only the last message, standard error everything else. When both are
 * the same terminal, nothing is printed twice.
 */
import { PROTOCOL_VERSION } from '../../package/package-version.js';
import type { Paint, Palette } from './colors.js';
import type { ExecListener } from './exec-listener.js';
import type { Progress } from './progress.js';

export interface PlainOutputOptions {
  readonly out: (text: string) => void;
  /** `paint` is applied to text that was made safe to show, so that the text cannot contain colors itself. */
  readonly say: (line: string, paint?: Paint) => void;
  readonly oneTerminal: boolean;
  readonly palette: Palette;
  readonly progress: Progress;
}

const WAITING = 'waiting for the model';

export function plainOutput({ out, say, oneTerminal, palette, progress }: PlainOutputOptions): ExecListener {
  const { speaker, aside, good, bad, warning } = palette;
  let [saidMessage, saidError]: (string | null)[] = [null, null];
  return {
    opened(thread, prompt) {
      say(`codexd exec (protocol ${PROTOCOL_VERSION})`, speaker);
      say('--------', aside);
      say(`workdir: ${thread.cwd}`, aside);
      say(`model: ${thread.model}`, aside);
      say(`provider: ${thread.modelProvider}`, aside);
      say('approval: never', aside);
      say(`sandbox: ${thread.sandbox}`, aside);
      if (thread.effort !== null) say(`reasoning effort: ${thread.effort}`, aside);
      say(`session id: ${thread.id}`, aside);
      say('--------', aside);
      say('user', speaker);
      say(prompt);
    },
    turnStarted: () => progress.step(WAITING),
    warning: (message) => say(`warning: ${message}`, warning),
    error(message) {
      saidError = message;
      say(`error: ${message}`, bad);
    },
    itemStarted(item) {
      if (item.type !== 'commandExecution') return;
      say('exec', speaker);
      say(`${item.command} in ${item.cwd}`);
      progress.step(`running ${item.command}`);
    },
    itemCompleted(item) {
      if (item.type === 'agentMessage') {
        saidMessage = item.text;
        say('codex', speaker);
        say(item.text);
      }
      if (item.type === 'reasoning' && item.summary.length > 0) {
        say('thinking', speaker);
        say(item.summary.join('\n'), aside);
      }
      if (item.type === 'fileChange') {
        say(`file changes ${item.status}`, item.status === 'completed' ? good : bad);
        say(item.changes.map(({ path, kind }) => `${kind.type} ${path}`).join('\n'));
      }
      if (item.type === 'commandExecution') {
        const worked = item.status === 'completed';
        const how = worked ? 'succeeded' : item.exitCode === null ? item.status : `exited ${item.exitCode}`;
        say(` ${how} in ${item.durationMs ?? 0}ms:`, worked ? good : bad);
        say(item.aggregatedOutput ?? '');
        progress.step(WAITING);
      }
    },
    plan({ plan }) {
      say('plan', speaker);
      say(plan.map(({ step, status }) => `${status === 'completed' ? '[x]' : '[ ]'} ${step}`).join('\n'));
    },
    ended({ error, usage, lastMessage }) {
      progress.stop();
      // eslint-disable-next-line codexd/thrown-as-text -- a text of the protocol
      if (error !== null && error !== saidError) say(`error: ${error}`, bad);
      if (usage !== null) {
        say('tokens used', aside);
        say(String(usage.totalTokens - usage.cachedInputTokens), aside);
      }
      if (error === null && lastMessage !== null && !(oneTerminal && lastMessage === saidMessage))
        out(`${lastMessage}\n`);
    },
  };
}
