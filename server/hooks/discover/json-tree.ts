/** Values of a parsed JSON text, with their places. */
import { named } from '../../../schema/shape/sentences.js';
import { isList, isTable, newTable, toJson, type TomlTable, type TomlValue } from '../../config/toml/value.js';
import type { Node } from 'jsonc-parser';

export const endOf = ({ offset, length }: Node): number => offset + length;

/** The value of a member; the last one of that name. Null: there is none. */
export function memberOf(node: Node, name: string): Node | null {
  if (node.type !== 'object') return null;
  const member = node.children?.findLast(({ children: [key] = [] }) => key?.value === name);
  return member?.children?.[1] ?? null;
}

/** In the words of fault texts. A fraction is a map: the official program keeps its digits in one. */
export const kindOf = (node: Node, text: string): string =>
  node.type === 'array' ? 'sequence' : node.type === 'object' || isFraction(node, text) ? 'map' : named(node.value);

/** Whether a number has a point or an exponent. */
const isFraction = (node: Node, text: string): boolean => node.type === 'number' && /[.eE]/.test(digits(node, text));

const digits = (node: Node, text: string): string => text.slice(node.offset, endOf(node));

/** The exponent always has a sign. */
const withSign = (number: string): string => number.replace(/[eE]([+-]?)/, (_, sign: string) => `e${sign || '+'}`);

/** The key of the map in which the official program keeps the digits of a number. */
export const NUMBER_KEY = '$serde_json::private::Number';

/** As TOML; `text` is the whole text. Members that are null are left out. */
export function valueOf(node: Node, text: string): TomlValue {
  if (node.type === 'array') return (node.children ?? []).map((item) => valueOf(item, text));
  if (node.type === 'object') {
    const table: TomlTable = newTable();
    for (const { children: [key, value] = [] } of node.children ?? [])
      if (key !== undefined && value?.type !== 'null' && value !== undefined)
        table[String(key.value)] = valueOf(value, text);
    return table;
  }
  if (isFraction(node, text)) return Object.assign(newTable(), { [NUMBER_KEY]: withSign(digits(node, text)) });
  if (node.type !== 'number') return typeof node.value === 'boolean' ? node.value : String(node.value);
  const integer = BigInt(digits(node, text));
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

/** As a JSON object that can be sent: with numbers in place of their digits. */
export const sendable = (table: TomlTable): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, sendableValue(value)]));

function sendableValue(value: TomlValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (isList(value)) return value.map(sendableValue);
  if (!isTable(value)) return toJson(value);
  const { [NUMBER_KEY]: number } = value;
  return typeof number === 'string' && Object.keys(value).length === 1 ? Number(number) : sendable(value);
}

/** Whether TOML has no such value: null, or an integer that needs more than 64 bits with a sign. */
export function unlikeToml(node: Node, text: string): boolean {
  if (node.type === 'null') return true;
  if (node.type === 'number' && !isFraction(node, text)) {
    const integer = BigInt(digits(node, text));
    return BigInt.asIntN(64, integer) !== integer;
  }
  return (node.children ?? []).some((child) => unlikeToml(child, text));
}
