/** The prompt: from the command line, from standard input, or from both (docs/protocol/services.md §9). */
import { execError } from './exec-error.js';
import { decode, readPipedInput, type LateInput } from './piped-input.js';

export interface Prompt {
  readonly text: string;
  /** Input that may still come (piped-input.ts). */
  readonly late: LateInput | null;
}

/** Throws `cli.exec` when there is no prompt. `appendsInput`: piped input is added to the prompt of the argument. */
export async function readPrompt(argument: string | null, appendsInput: boolean): Promise<Prompt> {
  if (argument === null || argument === '-') {
    if (argument === null && process.stdin.isTTY === true) {
      throw execError('No prompt provided. Give one as an argument, or pipe it into standard input.');
    }
    tell('Reading prompt from stdin...');
    const text = await readAll();
    if (text.trim() === '') throw execError('No prompt provided via stdin.');
    return { text, late: null };
  }
  if (!appendsInput) return { text: argument, late: null };
  const { text, late } = await readPipedInput(tell);
  return { text: text === '' ? argument : `${argument}\n\n${asInput(text)}`, late };
}

/** What was piped in, as the model sees it. */
export const asInput = (text: string): string => `<stdin>\n${text}${text.endsWith('\n') ? '' : '\n'}</stdin>`;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function readAll(): Promise<string> {
  const pieces: Buffer[] = [];
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const piece of input) pieces.push(piece);
  return decode(Buffer.concat(pieces));
}
