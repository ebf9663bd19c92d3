/** The lines of an item, safe to show. The form of the chat wraps them. */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import { changeLines } from './diff-lines.js';
import { outputText, visibleLine, visibleText } from './safe-text.js';
import type { Styles } from './styles.js';

export interface ItemForm {
  readonly styles: Styles;
  /** Lines of output and of each diff that are shown. Null: all. */
  readonly most: { readonly output: number; readonly diff: number } | null;
  /** How the person sees the rest of a folded output, for example `Ctrl-O shows them`. */
  readonly hint: string;
}

/** Empty for items that a person needs not see. */
export function itemLines(item: ThreadItem, form: ItemForm): string[] {
  const { styles } = form;
  switch (item.type) {
    case 'userMessage': {
      const text = item.content.map(inputText).join('\n');
      return lines(text).map((line, index) => styles.strong(`${index === 0 ? '› ' : '  '}${line}`));
    }
    case 'agentMessage':
      return lines(item.text);
    case 'plan':
      return lines(item.text);
    case 'reasoning':
      return item.summary.flatMap(lines).map(styles.dim);
    case 'commandExecution':
      return commandLines(item, form);
    case 'fileChange':
      return [
        ...(item.status === 'declined' || item.status === 'failed' ? [styles.bad(`patch ${item.status}`)] : []),
        ...changeLines(item.changes, styles, form.most?.diff ?? null, form.hint),
      ];
    case 'mcpToolCall':
      return toolLines(item, form);
    case 'dynamicToolCall':
      return [styles.strong(`tool ${visibleLine(item.tool)}`) + ` ${item.status}`];
    case 'webSearch':
      return [`${styles.strong('searched the web')} ${visibleLine(searchText(item))}`];
    case 'imageView':
      return [`${styles.strong('looked at')} ${visibleLine(item.path)}`];
    case 'imageGeneration':
      return [
        styles.strong(`image ${visibleLine(item.status)}`) + (item.savedPath ? ` ${visibleLine(item.savedPath)}` : ''),
      ];
    case 'enteredReviewMode':
      return [styles.strong(`review of ${visibleLine(item.review)} begins`)];
    case 'exitedReviewMode':
      return lines(item.review);
    case 'contextCompaction':
      return [styles.dim('the context was compacted')];
    case 'hookPrompt':
      return item.fragments.flatMap(({ text }) => lines(text)).map((line) => styles.dim(`hook: ${line}`));
    case 'subAgentActivity':
      return [styles.dim(`agent ${visibleLine(item.agentPath)} ${item.kind}`)];
    case 'collabAgentToolCall':
    case 'functionCallOutput':
    case 'sleep':
      return [];
  }
}

const lines = (text: string): string[] => visibleText(text).replace(/\n+$/, '').split('\n');

function inputText(part: Extract<ThreadItem, { type: 'userMessage' }>['content'][number]): string {
  if (part.type === 'text') return part.text;
  if (part.type === 'localImage' || part.type === 'localAudio') return `[${part.type} ${part.path}]`;
  return part.type === 'skill' || part.type === 'mention' ? `[${part.type} ${part.name}]` : `[${part.type}]`;
}

type Command = Extract<ThreadItem, { type: 'commandExecution' }>;

function commandLines(item: Command, form: ItemForm): string[] {
  const { styles } = form;
  const head = lines(item.command).map((line, index) => styles.strong(`${index === 0 ? '$ ' : '  '}${line}`));
  const output = item.aggregatedOutput ?? '';
  const shown = output === '' ? [] : outputText(output, styles.colors).replace(/\n+$/, '').split('\n');
  return [...head, ...tail(shown, form).map((line) => `  ${line}`), ...endOf(item, styles)];
}

function tail(all: readonly string[], { most, styles, hint }: ItemForm): readonly string[] {
  if (most === null || all.length <= most.output + 1) return all;
  const hidden = all.length - most.output;
  return [styles.dim(`… ${hidden} earlier lines (${hint})`), ...all.slice(hidden)];
}

function endOf({ status, exitCode, durationMs, networkDenial }: Command, styles: Styles): string[] {
  const time = durationMs === null || durationMs === undefined ? '' : ` after ${seconds(Number(durationMs))}`;
  const denial = networkDenial
    ? [
        styles.bad(
          `  ended by the network policy: ${visibleLine(networkDenial.host)}:${networkDenial.port} (${networkDenial.reason})`,
        ),
      ]
    : [];
  if (status === 'inProgress') return denial;
  if (status === 'declined') return [...denial, styles.bad('  not run: refused')];
  if (exitCode === 0) return [...denial, styles.dim(`  exit code 0${time}`)];
  // A negative code stands for a command that did not end by itself, or never began.
  const ended = typeof exitCode === 'number' && exitCode >= 0 ? `exit code ${exitCode}` : status;
  return [...denial, styles.bad(`  ${ended}${time}`)];
}

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

function toolLines(item: Extract<ThreadItem, { type: 'mcpToolCall' }>, form: ItemForm): string[] {
  const { styles } = form;
  const name = visibleLine(`${item.server}.${item.tool}`);
  const head = `${styles.strong(`MCP ${name}`)} ${visibleLine(JSON.stringify(item.arguments) ?? '')}`;
  const said = (item.result?.content ?? []).map((part) => (isText(part) ? part.text : '[other content]')).join('\n');
  const result = said === '' ? [] : tail(lines(said), form).map((line) => `  ${line}`);
  const error = !item.error ? [] : [styles.bad(`  ${visibleLine(item.error.message)}`)];
  const denial = item.networkDenial
    ? [styles.bad(`  ended by the network policy: ${visibleLine(item.networkDenial.host)}:${item.networkDenial.port}`)]
    : [];
  return [head, ...result, ...error, ...denial];
}

const isText = (part: unknown): part is { readonly text: string } =>
  typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';

function searchText({ query, action }: Extract<ThreadItem, { type: 'webSearch' }>): string {
  if (action?.type === 'openPage') return `opened ${action.url ?? query}`;
  if (action?.type === 'findInPage') return `looked for ${action.pattern ?? query} in ${action.url ?? ''}`;
  return query;
}
