/** A question for the person at the terminal. Everything but a yes is a no, and so is no terminal. */
import { print } from './print.js';

/** `question`: without the choice. */
export async function yesOrNo(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    print('  nothing was changed: nobody is there to be asked (--yes says yes)\n');
    return false;
  }
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`  ${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
