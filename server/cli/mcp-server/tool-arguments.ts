/** Reads the arguments of the tools. A mistake becomes the text of a tool result, in the form of the reference. */
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { isObject } from '../../system/node/objects.js';
import { parseThreadId } from '../../sessions/store/records/thread-id.js';
import { APPROVAL_POLICIES, SANDBOX_MODES } from './tool-list.js';

export interface StartArguments {
  readonly prompt: string;
  readonly cwd: string | null;
  readonly model: string | null;
  readonly sandbox: (typeof SANDBOX_MODES)[number] | null;
  /** `on-failure` is read as `on-request`, like in config.toml. */
  readonly approvalPolicy: 'untrusted' | 'on-request' | 'never' | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly profile: string | null;
  readonly baseInstructions: string | null;
  readonly developerInstructions: string | null;
  readonly compactPrompt: string | null;
}

export interface ReplyArguments {
  readonly threadId: string;
  readonly prompt: string;
}

/** `problem`: the text for the caller. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

const reading = <T>(given: unknown, tool: string, read: (table: Readonly<Record<string, unknown>>) => T): Read<T> => {
  if (given === undefined)
    return { problem: `Missing arguments for ${tool} tool-call; the \`prompt\` field is required.` };
  try {
    return { value: read(isObject(given) ? given : fail(`invalid type: ${kindOf(given)}, expected a map`)) };
  } catch (error) {
    if (isCode(error, 'cli.input')) return { problem: error.message };
    throw error;
  }
};

const mistake = (text: string): CodexdError => new CodexdError('cli.input', text);

const fail = (why: string): never => {
  throw mistake(`Failed to parse configuration for Codex tool: ${why}`);
};

export const readStartArguments = (given: unknown): Read<StartArguments> =>
  reading(given, 'codex', (table) => {
    const policy = oneOf(table['approval-policy'], APPROVAL_POLICIES);
    return {
      prompt: required(table, 'prompt'),
      cwd: text(table.cwd),
      model: text(table.model),
      sandbox: oneOf(table.sandbox, SANDBOX_MODES),
      approvalPolicy: policy === 'on-failure' ? 'on-request' : policy,
      config: map(table.config),
      profile: text(table.profile),
      baseInstructions: text(table['base-instructions']),
      developerInstructions: text(table['developer-instructions']),
      compactPrompt: text(table['compact-prompt']),
    };
  });

export const readReplyArguments = (given: unknown): Read<ReplyArguments> =>
  reading(given, 'codex-reply', (table) => {
    const prompt = required(table, 'prompt');
    const given = text(table.threadId) ?? text(table.conversationId);
    if (given === null) throw mistake('Failed to parse thread_id: either threadId or conversationId must be provided');
    const parsed = parseThreadId(given);
    if ('problem' in parsed) throw mistake(`Failed to parse thread_id: ${parsed.problem}`);
    return { threadId: parsed.id, prompt };
  });

const required = (table: Readonly<Record<string, unknown>>, name: string): string =>
  text(table[name]) ?? fail(`missing field \`${name}\``);

/** Null counts as absent. */
function text(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : fail(`invalid type: ${kindOf(value)}, expected a string`);
}

function oneOf<T extends string>(value: unknown, possible: readonly T[]): T | null {
  const given = text(value);
  if (given === null) return null;
  const expected = possible.map((one) => `\`${one}\``).join(', ');
  return possible.find((one) => one === given) ?? fail(`unknown variant \`${given}\`, expected one of ${expected}`);
}

function map(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  return isObject(value) ? value : fail(`invalid type: ${kindOf(value)}, expected a map`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'sequence';
  if (typeof value === 'number') return `${Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  return typeof value === 'string' ? `string ${JSON.stringify(value)}` : 'map';
}
