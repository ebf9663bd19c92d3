/** The output of the demo: plain text on stdout, readable in a log, wrapped at 100 columns. */
const WIDTH = 100;

/** A heading for a step. */
export function title(text: string): void {
  print(`\n── ${text} ${'─'.repeat(Math.max(2, WIDTH - text.length - 4))}\n`);
}

/** A description of the next or the previous step. */
export function explain(text: string): void {
  print(`${wrap(text)}\n`);
}

/** A command line. */
export function command(text: string): void {
  print(`\n  $ ${text}\n`);
}

/** The output of a command, or a fact about it. One fact on each line. */
export function result(label: string, text: string): void {
  for (const line of text.trimEnd().split('\n')) print(`  ${label.padEnd(11)}${line}\n`);
}

/** Lines that people copy: never wrapped. */
export function verbatim(...lines: readonly string[]): void {
  for (const line of lines) print(`      ${line}\n`);
}

export const gap = (): void => print('\n');

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

const print = (text: string): void => void process.stdout.write(text);
