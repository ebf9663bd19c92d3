/**
 * The method table as source text (schema/method-table.ts): the facts of the registry that the daemon needs for every
 * request, in a form that loads fast. scripts/generate-method-table.mjs writes it, and a test compares.
 */
import { clientRequests } from '../client-requests.js';
import { extensionRequests, extensionServerRequests } from '../extension-requests.js';
import { families, INLINE_FAMILY } from '../families.js';
import type { Node } from '../shape/kit.js';
import type { RequestEntry } from '../protocol/common/request.js';
import { serverRequests } from '../server-requests.js';
import type { Shape } from '../shape/wire-shape.js';

export function methodTableSource(): string {
  const answers = Object.entries({ ...serverRequests, ...extensionServerRequests }).map(
    ([method, entry]) => `  ${key(method)}: ${literal(entry.family)},`,
  );
  return [
    HEAD,
    '/** In the order in which the unknown-method error lists them. */',
    'export const clientMethods: Readonly<Record<string, MethodEntry>> = {',
    ...Object.entries(clientRequests).map(methodLine),
    '} satisfies Record<keyof typeof clientRequests, MethodEntry>;',
    '',
    '/** What only codexd knows: no error lists it. */',
    'export const extensionMethods: Readonly<Record<string, MethodEntry>> = {',
    ...Object.entries(extensionRequests).map(methodLine),
    '} satisfies Record<keyof typeof extensionRequests, MethodEntry>;',
    '',
    "/** The families of the server's own requests. */",
    'export const serverRequestFamilies: Readonly<Record<string, string>> = {',
    ...answers,
    '};',
    '',
    '/** How `initialize` is read: here, since a file of its own would cost more than all the rest of its answer. */',
    '// prettier-ignore',
    `export const inlineShapes: InlineShapes = ${inlineShapes()};`,
    '',
  ].join('\n');
}

function methodLine([method, entry]: readonly [string, RequestEntry<Node | null, Node, boolean>]): string {
  const params = entry.params === null ? 'none' : entry.optional ? 'optional' : 'required';
  const gates = entry.params === null || entry.gated ? [] : gatesOf(entry.params);
  const parts = [`family: ${literal(entry.family)}`, `params: '${params}'`];
  if (entry.gated) parts.push('gated: true');
  if (gates.length > 0) parts.push(`gates: [${gates.join(', ')}]`);
  return `  ${key(method)}: { ${parts.join(', ')} },`;
}

const HEAD = `/**
 * Generated from schema/{client,extension,server}-requests.ts by scripts/generate-method-table.mjs.
 * Do not edit: change those files, then run the script again.
 */
import type { clientRequests } from './client-requests.js';
import type { extensionRequests } from './extension-requests.js';
import type { Definitions, Shape } from './shape/wire-shape.js';

/**
 * A part of the params that needs \`capabilities.experimentalApi\`: a member (dotted), a member with a meaningful null,
 * or the word of a choice in a member. The protocol checks them in this order (docs/protocol/transport.md §3).
 */
export type Gate =
  | string
  | { readonly member: string; readonly evenNull: true }
  | { readonly member: string; readonly word: string; readonly descriptor: string };

export interface MethodEntry {
  /** The file of dist/validators with the validator of the method. */
  readonly family: string;
  readonly params: 'required' | 'optional' | 'none';
  /** The method itself needs \`capabilities.experimentalApi\`. */
  readonly gated?: true;
  readonly gates?: readonly Gate[];
}

export interface InlineShapes {
  readonly family: string;
  readonly methods: Readonly<Record<string, Shape>>;
  readonly definitions: Definitions;
}

// prettier-ignore`;

function inlineShapes(): string {
  const family = families().find(({ name }) => name === INLINE_FAMILY);
  return JSON.stringify({ family: INLINE_FAMILY, methods: family?.methods, definitions: family?.definitions });
}

/** Gates in the order of declaration. The protocol checks them in this order. */
function gatesOf(params: Node): string[] {
  const definitions = named(params);
  const gates: string[] = [];
  const visit = (shape: Shape, member: string, name: string | null): void => {
    if (shape.kind === 'ref') {
      const target = definitions.get(shape.name);
      if (target !== undefined) visit(target, member, shape.name);
    } else if (shape.kind === 'struct') {
      for (const [key, field] of Object.entries(shape.fields)) {
        const inner = member === '' ? key : `${member}.${key}`;
        if (field.addition) continue;
        if (field.gated)
          gates.push(field.presence === 'patch' ? `{ member: ${literal(inner)}, evenNull: true }` : literal(inner));
        else visit(field.of, inner, null);
      }
    } else if (shape.kind === 'choice') {
      for (const [word, variant] of Object.entries(shape.variants)) {
        if (variant.gated) gates.push(wordGate(member, word, name ?? ''));
      }
    }
    // Members inside lists and unions of structs are never gated.
  };
  visit(params.shape, '', params.$id ?? null);
  return gates;
}

function wordGate(member: string, word: string, name: string): string {
  const descriptor = `${name.charAt(0).toLowerCase()}${name.slice(1)}.${word}`;
  return `{ member: ${literal(member)}, word: ${literal(word)}, descriptor: ${literal(descriptor)} }`;
}

function named(node: Node, found = new Map<string, Shape>()): Map<string, Shape> {
  for (const part of node.parts) {
    if (part.$id === undefined || found.has(part.$id)) continue;
    found.set(part.$id, part.shape);
    named(part, found);
  }
  return found;
}

const literal = (text: string): string => `'${text}'`;
const key = (method: string): string => (/^[a-zA-Z]\w*$/.test(method) ? method : literal(method));
