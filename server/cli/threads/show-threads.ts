/** Sessions as text for people. */
import type { Thread } from '../../../schema/protocol/threads/thread.js';

/** A table with a header. Times are local. `now` in milliseconds. */
export function threadTable(threads: readonly Thread[]): string {
  if (threads.length === 0) return '';
  const rows = [
    ['ID', 'UPDATED', 'FOLDER', 'SESSION'],
    ...threads.map(({ id, updatedAt, cwd, name, preview }) => [id, time(updatedAt), cwd, oneLine(name ?? preview)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows
    .map((row) => row.map((cell, column) => (column < 3 ? padded(cell, widths[column] ?? 0) : cell)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** The session's data, then its messages and commands. */
export function threadText(thread: Thread): string {
  const { name, cwd, model, modelProvider, createdAt, updatedAt, status, path } = thread;
  const facts: [string, string | null | undefined][] = [
    ['id', thread.id],
    ['name', name],
    ['folder', cwd],
    ['model', model],
    ['provider', modelProvider],
    ['created', time(createdAt)],
    ['updated', time(updatedAt)],
    ['status', status.type],
    ['file', path],
  ];
  const head = facts.flatMap(([label, value]) =>
    value === null || value === undefined || value === '' ? [] : [`${`${label}:`.padEnd(10)}${value}\n`],
  );
  const items = thread.turns.flatMap(({ items: said }) => said.flatMap((item) => itemText(item) ?? []));
  return [...head, ...items.map((text) => `\n${text}\n`)].join('');
}

function itemText(item: Thread['turns'][number]['items'][number]): string | null {
  switch (item.type) {
    case 'userMessage':
      return `user\n${item.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')}`;
    case 'agentMessage':
      return `codex\n${item.text}`;
    case 'commandExecution':
      return `exec (${item.exitCode === null || item.exitCode === undefined ? item.status : `exit code ${item.exitCode}`})\n${item.command}`;
    case 'fileChange':
      return `file changes ${item.status}\n${item.changes.map(({ path, kind }) => `${kind.type} ${path}`).join('\n')}`;
    default:
      return null;
  }
}

/** `2026-11-30 01:40`, from seconds since 1970. */
function time(seconds: number | bigint): string {
  const date = new Date(Number(seconds) * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const LONGEST = 60;
function oneLine(text: string): string {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : letters.join('');
}
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length));
