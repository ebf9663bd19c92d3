/** The prompt: from the command line, from standard input, or from both (docs/protocol/services.md §9). */
import fs from 'node:fs';
import { execError } from './exec-error.js';

/** Throws `cli.exec` when there is no prompt. `appendsInput`: piped input is added to the prompt of the argument. */
export async function readPrompt(argument: string | null, appendsInput: boolean): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  if (argument === null || argument === '-') {
    if (argument === null && terminal) {
      throw execError('No prompt provided. Give one as an argument, or pipe it into standard input.');
    }
    process.stderr.write('Reading prompt from stdin...\n');
    const text = await readAll();
    if (text.trim() === '') throw execError('No prompt provided via stdin.');
    return text;
  }
  if (terminal || !appendsInput) return argument;
  // A device such as /dev/null gives no input, so do not announce that codexd waits for it.
  if (!isDevice()) process.stderr.write('Reading additional input from stdin...\n');
  const text = await readAll();
  if (text === '') return argument;
  return `${argument}\n\n<stdin>\n${text}${text.endsWith('\n') ? '' : '\n'}</stdin>`;
}

function isDevice(): boolean {
  try {
    return fs.fstatSync(0).isCharacterDevice();
  } catch {
    return true; // A closed descriptor: reading it gives the end of input.
  }
}

async function readAll(): Promise<string> {
  const pieces: Buffer[] = [];
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const piece of input) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw execError('The prompt on stdin is no UTF-8 text.');
  }
}
