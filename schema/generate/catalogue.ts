import { clientRequests } from '../client-requests.js';
import { extensionNotifications, extensionRequests, extensionServerRequests } from '../extension-requests.js';
import { extensionTypes } from '../protocol/approvals/extensions.js';
import type { Node } from '../shape/kit.js';
import type { RequestEntry } from '../protocol/common/request.js';
import { serverNotifications } from '../server-notifications.js';
import { serverRequests } from '../server-requests.js';
import type { Shape } from '../shape/wire-shape.js';
import { ModelProviderError } from '../protocol/services/model-provider.js';
import { UserVerificationRpcError } from '../protocol/services/user-verification.js';

/**
 * The content of the generated files. Without `experimental`, gated methods and members are left out, and so are the
 * types that only gated methods mention.
 */
export interface GenerateOptions {
  readonly out: string;
  readonly experimental: boolean;
}

type Request = RequestEntry<Node | null, Node, boolean>;

export interface Catalogue {
  readonly requests: readonly (readonly [method: string, entry: Request])[];
  readonly serverRequests: readonly (readonly [method: string, entry: Request])[];
  readonly notifications: readonly (readonly [method: string, params: Node])[];
  /** Every named type that the methods mention, by name. */
  readonly types: ReadonlyMap<string, Node>;
  readonly experimental: boolean;
}

export function catalogue(experimental: boolean): Catalogue {
  const open = ([, entry]: readonly [string, Request]): boolean => experimental || !entry.gated;
  const all = experimental ? { ...clientRequests, ...extensionRequests } : clientRequests;
  const requests = Object.entries<Request>(all).filter(open);
  const allAsked = experimental ? { ...serverRequests, ...extensionServerRequests } : serverRequests;
  const asked = Object.entries<Request>(allAsked).filter(open);
  const notifications = Object.entries<Node>(
    experimental ? { ...serverNotifications, ...extensionNotifications } : serverNotifications,
  );
  const roots = [
    ...[...requests, ...asked].flatMap(([, { params, result }]) => (params === null ? [result] : [params, result])),
    ...notifications.map(([, params]) => params),
    ModelProviderError,
    ...(experimental ? [UserVerificationRpcError] : []),
  ];
  // A type that only a gated member mentions keeps its file, because clients import types by name.
  const types = reachable(roots, true);
  if (!experimental) extensionTypes.forEach((name) => types.delete(name));
  return { requests, serverRequests: asked, notifications, types, experimental };
}

/**
 * The named nodes among `roots` and all named nodes that they mention. Gated members count only with `experimental`.
 */
export function reachable(roots: readonly Node[], experimental: boolean): Map<string, Node> {
  const known = new Map<string, Node>();
  const collect = (node: Node): void => {
    if (node.$id !== undefined && known.has(node.$id)) return;
    if (node.$id !== undefined) known.set(node.$id, node);
    node.parts.forEach(collect);
  };
  roots.forEach(collect);
  const found = new Map<string, Node>();
  const visit = (name: string): void => {
    const node = known.get(name);
    if (node === undefined || found.has(name)) return;
    found.set(name, node);
    references(node.shape, experimental).forEach(visit);
  };
  for (const root of roots) {
    if (root.$id !== undefined) visit(root.$id);
    else references(root.shape, experimental).forEach(visit);
  }
  return found;
}

/** The names that a shape mentions, in order. */
export function references(shape: Shape, experimental: boolean): string[] {
  const inner = (of: Shape): string[] => references(of, experimental);
  switch (shape.kind) {
    case 'ref':
      return [shape.name];
    case 'list':
    case 'dict':
    case 'nullable':
      return inner(shape.of);
    case 'struct':
      return [
        ...Object.values(shape.fields).flatMap((field) => (field.gated && !experimental ? [] : inner(field.of))),
        ...(shape.flatten ?? []).flatMap(inner),
      ];
    case 'tagged':
    case 'choice':
      return Object.values(shape.variants).flatMap(({ of }) => (of === null ? [] : inner(of)));
    case 'untagged':
      return shape.of.flatMap(inner);
    default:
      return [];
  }
}
