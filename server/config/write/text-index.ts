import { scanEntries, scanStatements } from '../toml/scan.js';
import type { Assignment, Entry, Header, Span, Statement } from '../toml/scan.js';

/** A statement, or an entry of an inline table with the other entries. */
export type Holder =
  | Assignment
  | { readonly kind: 'entry'; readonly entry: Entry; readonly table: Span; readonly entries: readonly Entry[] };

/** The positions of one path in the text. */
export interface Node {
  readonly children: Map<string, Node>;
  /** The value, if it is a scalar, a list or an inline table. */
  value: Span | null;
  /** The parts to remove with the value: statements (one for each `[[element]]`) or entries of inline tables. */
  readonly holders: Holder[];
  /** `[path]`, or every `[[path]]`. */
  readonly headers: { readonly statement: Header; readonly at: number }[];
  /** For a table made of dotted keys: its section and its last assignment. */
  dotted: { readonly section: readonly string[]; last: Assignment } | null;
  /** The last assignment of a section, or its header: new keys follow it. */
  tail: Statement | null;
}

const newNode = (): Node => ({
  children: new Map(),
  value: null,
  holders: [],
  headers: [],
  dotted: null,
  tail: null,
});

export function indexOf(text: string): Node {
  const root = newNode();
  let section: readonly string[] = [];
  let sectionNode = root;
  scanStatements(text).forEach((statement, at) => {
    if (statement.kind !== 'assignment') {
      section = statement.keys.map(({ name }) => name);
      sectionNode = nodeAt(root, section);
      sectionNode.headers.push({ statement, at });
      sectionNode.tail = statement;
      return;
    }
    sectionNode.tail = statement;
    let node = sectionNode;
    for (const { name } of statement.keys.slice(0, -1)) {
      node = childOf(node, name);
      node.dotted = { section, last: statement };
    }
    const leaf = childOf(node, statement.keys.at(-1)?.name ?? '');
    leaf.value = statement.value;
    leaf.holders.push(statement);
    indexInline(text, leaf);
  });
  return root;
}

function indexInline(text: string, node: Node): void {
  const table = node.value;
  if (table === null || text[table.start] !== '{') return;
  const entries = scanEntries(text, table);
  for (const entry of entries) {
    let at = node;
    for (const { name } of entry.keys.slice(0, -1)) at = childOf(at, name);
    const leaf = childOf(at, entry.keys.at(-1)?.name ?? '');
    leaf.value = entry.value;
    leaf.holders.push({ kind: 'entry', entry, table, entries });
    indexInline(text, leaf);
  }
}

function childOf(node: Node, name: string): Node {
  let child = node.children.get(name);
  if (child === undefined) {
    child = newNode();
    node.children.set(name, child);
  }
  return child;
}

export const nodeAt = (root: Node, path: readonly string[]): Node => path.reduce(childOf, root);
