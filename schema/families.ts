/** The registry by family: the input of scripts/build-validators.mjs. */
import { clientRequests } from './client-requests.js';
import { extensionRequests, extensionServerRequests } from './extension-requests.js';
import type { Node } from './shape/kit.js';
import { serverRequests } from './server-requests.js';
import type { Definitions, Shape } from './shape/wire-shape.js';

/**
 * The family without a compiled file: schema/method-table.ts contains its shape. This makes the first response faster.
 */
export const INLINE_FAMILY = 'initialize';

export interface Family {
  readonly name: string;
  /** Params of client requests and results of server requests, by method. */
  readonly methods: Readonly<Record<string, Shape>>;
  /** The named types in `methods`. */
  readonly definitions: Definitions;
}

export function families(): readonly Family[] {
  const nodes = new Map<string, Map<string, Node>>();
  const add = (family: string, method: string, node: Node): void => {
    if (!nodes.has(family)) nodes.set(family, new Map());
    nodes.get(family)?.set(method, node);
  };
  for (const [method, { family, params }] of Object.entries({ ...clientRequests, ...extensionRequests }))
    if (params !== null) add(family, method, params);
  for (const [method, { family, result }] of Object.entries({ ...serverRequests, ...extensionServerRequests }))
    add(family, method, result);
  return [...nodes].map(([name, methods]) => ({
    name,
    methods: Object.fromEntries([...methods].map(([method, node]) => [method, node.shape])),
    definitions: definitionsOf([...methods.values()]),
  }));
}

function definitionsOf(nodes: readonly Node[]): Definitions {
  const found = new Map<string, Shape>();
  const visit = (node: Node): void => {
    for (const part of node.parts) {
      if (part.$id === undefined || found.has(part.$id)) continue;
      found.set(part.$id, part.shape);
      visit(part);
    }
  };
  nodes.forEach(visit);
  return Object.fromEntries(found);
}

export { typeId, validatorSchema } from './shape/validator-schema.js';
