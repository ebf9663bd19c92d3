/** The arguments of a hook that is a tool: its configured `input` with the placeholders filled in. */
import { isObject } from '../../system/node/objects.js';

/** `missing`: a placeholder that names nothing of the hook's input. */
export type ToolArguments =
  | { readonly ok: true; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly missing: string };

/** `${a.b}`. What contains braces is no placeholder. */
const PLACEHOLDER = /\$\{([^{}]+)\}/g;
const WHOLE = /^\$\{([^{}]+)\}$/;

/** `given`: the input of the hook. Names of members are never placeholders (docs/protocol/services.md §6 "Sources"). */
export function toolArguments(input: Readonly<Record<string, unknown>>, given: unknown): ToolArguments {
  let missing: string | null = null;
  const valueOf = (path: string): unknown => {
    const found = path.split('.').reduce<unknown>(memberOf, given);
    if (found === undefined) missing ??= path;
    return found;
  };
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
    if (typeof value !== 'string') return value;
    const whole = WHOLE.exec(value)?.[1];
    // A placeholder alone keeps the type of its value.
    return whole === undefined
      ? value.replace(PLACEHOLDER, (_all, path: string) => textOf(valueOf(path)))
      : valueOf(whole);
  };
  const entries = Object.entries(input).map(([name, value]) => [name, filled(value)] as const);
  return missing === null ? { ok: true, arguments: Object.fromEntries(entries) } : { ok: false, missing };
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
