/** A model of a disk for random operations of fs/*: what is where, and what is answered. */
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { fileMethods } from '../../../server/client-files/file-methods.js';
import { isCode } from '../../../server/errors/codexd-error.js';
import { silentLogger } from '../../../server/log/log.js';
import { fakeCaller } from '../../exec/support/fakes.js';

/** Paths with `/`, relative to the root: null is a folder, a text a file. */
export type Model = Map<string, string | null>;
export const emptyModel = (): Model => new Map([['', null]]);

export function replaceModel(model: Model, tree: Readonly<Record<string, string | null>>): void {
  model.clear();
  for (const [name, text] of Object.entries(tree)) model.set(name, text);
}

export type Operation =
  | { readonly kind: 'write'; readonly at: string; readonly text: string }
  | { readonly kind: 'make' | 'remove'; readonly at: string; readonly recursive: boolean }
  | { readonly kind: 'copy'; readonly at: string; readonly to: string; readonly recursive: boolean }
  | { readonly kind: 'read' | 'list'; readonly at: string };

/** Few, so that operations meet; some of them as long and as strange as a name can be. */
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom('n'.repeat(255), '\n', '\u202eb', '😀', ' ', '...', '\ufffd', '"') },
);
const place = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
export const randomOperations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), at: place, text: fc.string({ maxLength: 5 }) }),
  fc.record({
    kind: fc.constantFrom('make' as const, 'make' as const, 'remove' as const),
    at: place,
    recursive: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('copy' as const), at: place, to: place, recursive: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('read' as const, 'list' as const), at: place }),
);

const methods = fileMethods({ log: silentLogger });
const caller = fakeCaller();
const context = { requestId: 1, afterAnswer: () => {} };

/** The answer, or the words of the error. */
export async function runOnDisk(root: string, operation: Operation): Promise<string> {
  try {
    return await answerOf(root, operation);
  } catch (error) {
    if (isCode(error, 'request.failed', 'request.invalid')) return `refused: ${error.message.replace(root, 'ROOT')}`;
    throw error;
  }
}

async function answerOf(root: string, operation: Operation): Promise<string> {
  const at = path.join(root, operation.at);
  switch (operation.kind) {
    case 'write': {
      const dataBase64 = Buffer.from(operation.text).toString('base64');
      await methods['fs/writeFile']({ path: at, dataBase64 }, caller, context);
      return '';
    }
    case 'make':
      await methods['fs/createDirectory']({ path: at, recursive: operation.recursive }, caller, context);
      return '';
    case 'remove':
      await methods['fs/remove'](
        { path: at, recursive: operation.recursive, force: operation.recursive },
        caller,
        context,
      );
      return '';
    case 'copy': {
      const destinationPath = path.join(root, operation.to);
      await methods['fs/copy']({ sourcePath: at, destinationPath, recursive: operation.recursive }, caller, context);
      return '';
    }
    case 'read':
      return Buffer.from((await methods['fs/readFile']({ path: at }, caller, context)).dataBase64, 'base64').toString();
    case 'list': {
      const { entries } = await methods['fs/readDirectory']({ path: at }, caller, context);
      return entries
        .map(({ fileName, isDirectory }) => `${fileName}${isDirectory ? '/' : ''}`)
        .sort()
        .join();
    }
  }
}

export const treeOf = (root: string): Record<string, string | null> =>
  Object.fromEntries(
    ['', ...fs.readdirSync(root, { recursive: true, encoding: 'utf8' })].sort().map((name) => {
      const file = path.join(root, name);
      return [name, fs.statSync(file).isDirectory() ? null : fs.readFileSync(file, 'utf8')];
    }),
  );

const MISSING = 'No such file or directory (os error 2)';
const EXISTS = 'File exists (os error 17)';
const NO_FOLDER = 'Not a directory (os error 20)';
const A_FOLDER = 'Is a directory (os error 21)';
const NOT_EMPTY = 'Directory not empty (os error 39)';

class Refused extends Error {}

/** The same, on the model. */
export function runOnModel(model: Model, operation: Operation): string {
  try {
    return answerOfModel(model, operation);
  } catch (error) {
    if (error instanceof Refused) return `refused: ${error.message}`;
    throw error;
  }
}

const above = (at: string): string => at.split('/').slice(0, -1).join('/');
const childrenOf = (model: Model, at: string): string[] =>
  [...model.keys()].filter((name) => name !== '' && above(name) === at);

/** Looks a path up as the system does. */
function find(model: Model, at: string): string | null | undefined {
  const names = at.split('/');
  for (let count = 1; count < names.length; count++) {
    const folder = model.get(names.slice(0, count).join('/'));
    if (folder === undefined) throw new Refused(MISSING);
    if (folder !== null) throw new Refused(NO_FOLDER);
  }
  return model.get(at);
}

function must(model: Model, at: string): string | null {
  const found = find(model, at);
  if (found === undefined) throw new Refused(MISSING);
  return found;
}

function write(model: Model, at: string, text: string): void {
  if (find(model, at) === null) throw new Refused(A_FOLDER);
  model.set(at, text);
}

function makeAll(model: Model, at: string): void {
  const names = at.split('/');
  for (let count = 1; count <= names.length; count++) {
    const folder = names.slice(0, count).join('/');
    const found = model.get(folder);
    if (found === undefined) model.set(folder, null);
    else if (found !== null) throw new Refused(count === names.length ? EXISTS : NO_FOLDER);
  }
}

function answerOfModel(model: Model, operation: Operation): string {
  const { at } = operation;
  switch (operation.kind) {
    case 'write':
      write(model, at, operation.text);
      return '';
    case 'make':
      if (operation.recursive) makeAll(model, at);
      else if (find(model, at) !== undefined) throw new Refused(EXISTS);
      else model.set(at, null);
      return '';
    case 'remove':
      return removeFrom(model, at, operation.recursive);
    case 'copy':
      return copyIn(model, at, operation.to, operation.recursive);
    case 'read': {
      const text = must(model, at);
      if (text === null) throw new Refused(`path \`ROOT/${at}\` is not a file`);
      return text;
    }
    case 'list':
      if (must(model, at) !== null) throw new Refused(NO_FOLDER);
      return childrenOf(model, at)
        .map((name) => `${name.slice(at.length + 1)}${model.get(name) === null ? '/' : ''}`)
        .sort()
        .join();
  }
}

/** Recursive is also forced. */
function removeFrom(model: Model, at: string, recursive: boolean): string {
  try {
    must(model, at);
  } catch (error) {
    if (recursive && error instanceof Refused && error.message === MISSING) return '';
    throw error;
  }
  if (!recursive && childrenOf(model, at).length > 0) throw new Refused(NOT_EMPTY);
  for (const name of [...model.keys()]) if (name === at || name.startsWith(`${at}/`)) model.delete(name);
  return '';
}

function copyIn(model: Model, from: string, to: string, recursive: boolean): string {
  const source = must(model, from);
  if (source !== null) {
    write(model, to, source);
    return '';
  }
  if (!recursive) throw new Refused('fs/copy requires recursive: true when sourcePath is a directory');
  if (to === from || to.startsWith(`${from}/`)) {
    throw new Refused('fs/copy cannot copy a directory to itself or one of its descendants');
  }
  makeAll(model, to);
  copyEntries(model, from, to);
  return '';
}

/**
 * A conflict ends a copy in the middle. What was copied before depends on the order of the disk: the caller takes over
 * what is there.
 */
function copyEntries(model: Model, from: string, to: string): void {
  for (const name of childrenOf(model, from)) {
    const target = `${to}${name.slice(from.length)}`;
    const text = model.get(name);
    if (text === null) {
      const found = model.get(target);
      if (found !== undefined && found !== null) throw new Refused(EXISTS);
      model.set(target, null);
      copyEntries(model, name, target);
    } else write(model, target, text ?? '');
  }
}
