/**
 * hooks.json: the text as groups by event, or its first fault.
 *
 * Threat: a cloned repository brings a file that is huge, nested without end, no regular file, or a link.
 * Rule: only a regular file of at most 1 MiB is read, without waiting. A file of another kind counts as missing, as in
 * the official program. What is read is data until its hash is trusted (hook-trust.ts).
 * Scope: hooks.json of every layer. Non-scope: hooks in config.toml, which is read as configuration.
 */
import { FileRefused, readWhole, withFile } from '../../system/files/open-file.js';
import { osCode } from '../../errors/os-code.js';
import { libraryTextAmong } from '../../system/node/os-errors.js';
import { checkValue } from '../../config/shape/check.js';
import { HOOK_EVENTS, hookShapes } from '../../config/shape/hook-shape.js';
import { isTable, newTable, type TomlTable } from '../../config/toml/value.js';
import { invalidType, missingField, unknownField, unknownVariant } from '../../../schema/shape/sentences.js';
import { placed, readTree, type TextFault } from './json-text.js';
import { endOf, kindOf, memberOf, unlikeToml, valueOf } from './json-tree.js';
import type { Node } from 'jsonc-parser';

/** In bytes. People write these files by hand. */
const MAX_BYTES = 1024 * 1024;

export type HooksJson =
  /** There is no such file. */
  | null
  /** The groups by event, of the shape of `[hooks]` in config.toml. */
  | { readonly events: TomlTable }
  /** One sentence that names the file. */
  | { readonly fault: string };

export function readHooksJson(file: string): HooksJson {
  let text: string;
  try {
    text = withFile(file, (opened) => UTF8.decode(readWhole(opened, MAX_BYTES)));
  } catch (error) {
    const why = whyUnread(error);
    return why === null ? null : { fault: `failed to read hooks config ${file}: ${why}` };
  }
  const read = parseHooksJson(text);
  return 'why' in read ? { fault: `failed to parse hooks config ${file}: ${placed(read, text)}` } : read;
}

/** A byte order mark is a fault, as in the official program. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null: it counts as missing. */
function whyUnread(error: unknown): string | null {
  if (error instanceof FileRefused) return error.refusal === 'too-large' ? 'it is larger than 1 MiB' : null;
  if (osCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'stream did not contain valid UTF-8';
  return ABSENT.includes(osCode(error) ?? '') ? null : libraryTextAmong(['EACCES', 'EPERM', 'EIO'], error);
}
const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Exported for tests. */
export function parseHooksJson(text: string): { readonly events: TomlTable } | TextFault {
  const root = readTree(text);
  if (!('type' in root)) return root;
  const found: Record<string, Node> = {};
  const fault = members(root, text, 'struct HooksFile', (key, value, at) => {
    found[key] = value;
    if (key === 'description') return textOrNull(value, text);
    return key === 'hooks' ? eventsFault(value, text) : { why: unknownField(key, ['description', 'hooks']), read: at };
  });
  if (fault !== null) return fault;
  const events = found.hooks === undefined ? newTable() : valueOf(found.hooks, text);
  return { events: isTable(events) ? events : newTable() };
}

type Check = (key: string, value: Node, keyEnd: number) => TextFault | null;

/** The first fault in the members of an object, in the order of the text. An empty list stands for an empty object. */
function members(node: Node, text: string, expected: string, check: Check): TextFault | null {
  if (node.type === 'array' && (node.children ?? []).length === 0) return null;
  if (node.type !== 'object') return wrong(node, text, expected);
  const seen = new Set<string>();
  for (const { children: [key, value] = [] } of node.children ?? []) {
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    if (seen.has(name) && KNOWN.has(name)) return { why: `duplicate field \`${name}\``, read: endOf(key) };
    seen.add(name);
    const fault = check(name, value, endOf(key));
    if (fault !== null) return fault;
  }
  return null;
}

const KNOWN = new Set<string>([...HOOK_EVENTS, 'description', 'hooks', 'matcher']);
const EVENTS: readonly string[] = HOOK_EVENTS;

const eventsFault = (node: Node, text: string): TextFault | null =>
  members(node, text, 'struct HookEventsToml', (event, groups) =>
    // An event of a later version is passed over, as in the official program.
    EVENTS.includes(event) ? items(groups, text, (group) => groupFault(group, text)) : null,
  );

const groupFault = (node: Node, text: string): TextFault | null =>
  members(node, text, 'struct MatcherGroup', (key, value) => {
    if (key === 'matcher') return textOrNull(value, text);
    return key === 'hooks' ? items(value, text, (handler) => handlerFault(handler, text)) : null;
  });

function handlerFault(node: Node, text: string): TextFault | null {
  const handler = valueOf(node, text);
  const tag = memberOf(node, 'type');
  if (!isTable(handler)) return wrong(node, text, 'internally tagged enum HookHandlerConfig');
  if (tag === null) return { why: missingField('type'), read: endOf(node) };
  const { type } = handler;
  if (typeof type !== 'string') return wrong(tag, text, 'variant identifier');
  if (!HANDLERS.includes(type)) return { why: unknownVariant(type, HANDLERS), read: endOf(tag) };
  const why = nullFault(node) ?? checkValue(handler, hookShapes().hookHandler)?.text ?? inputFault(node, text);
  // The official program has read the comma or the bracket behind it when it looks at the members.
  const space = /^\s*/.exec(text.slice(endOf(node)))?.[0].length ?? 0;
  return why === null ? null : { why, read: endOf(node) + space + 1 };
}
const HANDLERS: readonly string[] = ['command', 'mcp_tool', 'prompt', 'agent'];

/** Members that a handler may leave out may be null; these may not. */
const NEVER_NULL = { command: 'a string', server: 'a string', tool: 'a string', async: 'a boolean', input: 'a map' };

function nullFault(handler: Node): string | null {
  for (const [key, expected] of Object.entries(NEVER_NULL))
    if (memberOf(handler, key)?.type === 'null') return invalidType('null', expected);
  return null;
}

function inputFault(handler: Node, text: string): string | null {
  const input = memberOf(handler, 'input');
  return input !== null && unlikeToml(input, text) ? 'MCP hook input must be representable as TOML' : null;
}

/** The first item that is wrong, or a value that is no list. */
function items(node: Node, text: string, check: (item: Node) => TextFault | null): TextFault | null {
  if (node.type !== 'array') return wrong(node, text, 'a sequence');
  for (const item of node.children ?? []) {
    const fault = check(item);
    if (fault !== null) return fault;
  }
  return null;
}

/** A list or an object of the wrong kind is not read. */
function wrong(node: Node, text: string, expected: string): TextFault {
  const read = node.type === 'array' || node.type === 'object' ? node.offset : endOf(node);
  return { why: invalidType(kindOf(node, text), expected), read };
}

const textOrNull = (node: Node, text: string): TextFault | null =>
  node.type === 'string' || node.type === 'null' ? null : wrong(node, text, 'a string');
