/** The commands of a person in the chat, as data: help and completion are made from them. */
export interface SlashCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly argument?: string;
  readonly about: string;
}

export const SLASH_COMMANDS = [
  { name: 'help', about: 'List the commands and the keys' },
  { name: 'status', about: 'Show the model, the permissions, the folder and the use of tokens' },
  { name: 'model', argument: '[NAME [EFFORT]]', about: 'Choose the model, and how much it reasons' },
  { name: 'permissions', argument: '[PROFILE]', about: 'Choose what commands of the model may do' },
  { name: 'approvals', argument: '[POLICY]', about: 'Choose when you are asked' },
  { name: 'image', argument: 'PATH', about: 'Send an image with the next message' },
  { name: 'diff', about: 'Show what is not committed in the folder' },
  { name: 'compact', about: 'Let the model summarize the conversation, for more room' },
  { name: 'new', about: 'Start a new session in the same folder' },
  { name: 'resume', argument: '[SESSION]', about: 'Continue an earlier session' },
  { name: 'quit', aliases: ['exit', 'q'], about: 'Leave the chat' },
] as const satisfies readonly SlashCommand[];

export type SlashName = (typeof SLASH_COMMANDS)[number]['name'];

export type Parsed =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'command'; readonly name: SlashName; readonly argument: string }
  | { readonly kind: 'unknown'; readonly word: string };

/**
 * A text that begins with `/` and a word is a command. A path (`/etc/hosts is …`) is a message, because it contains
 * another slash.
 */
export function parseInput(text: string): Parsed {
  const found = /^\/([A-Za-z?][\w-]*)(?:\s+([\s\S]*))?$/.exec(text.trim());
  if (found === null) return { kind: 'message', text };
  const [, word = '', argument = ''] = found;
  const command = SLASH_COMMANDS.find((one: SlashCommand) => one.name === word || (one.aliases ?? []).includes(word));
  return command === undefined
    ? { kind: 'unknown', word }
    : { kind: 'command', name: command.name, argument: argument.trim() };
}

/**
 * A command that is typed while a question is open; null: the text is an answer. Only known commands count, because
 * `/tmp` may be an answer. A text that begins with a blank is an answer, too: so each text can be one.
 */
export function commandBesides(text: string): Extract<Parsed, { kind: 'command' }> | null {
  const parsed = text.startsWith('/') ? parseInput(text) : null;
  return parsed?.kind === 'command' ? parsed : null;
}

/** One line for each command. */
export function helpLines(): string[] {
  const heads = SLASH_COMMANDS.map(({ name, ...rest }) => `/${name}${'argument' in rest ? ` ${rest.argument}` : ''}`);
  const width = Math.max(...heads.map(({ length }) => length));
  return SLASH_COMMANDS.map(({ about }, index) => `${heads[index]?.padEnd(width)}  ${about}`);
}
