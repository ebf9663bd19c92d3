/** Converts names between `snake_case` of rollouts and `camelCase` of the protocol. */
import { isObject } from '../../../system/node/objects.js';

export const camel = (word: string): string =>
  word.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
export const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** Converts the name of every member, at every depth. */
export const camelMembers = (value: unknown): unknown => renamed(value, camel);
export const snakeMembers = (value: unknown): unknown => renamed(value, snake);

function renamed(value: unknown, name: (word: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [name(key), renamed(member, name)]));
}
