/** One kind of what another agent keeps: what can be imported, and its import. */
import type {
  ExternalAgentConfigImportItemTypeFailure as Failure,
  ExternalAgentConfigMigrationItem as Item,
  MigrationDetails,
} from '../../../schema/protocol/services/external-agent.js';
import type { Scope } from './scope.js';

export type ItemType = Item['itemType'];
export type { Failure, Item, MigrationDetails };

/** What was imported: `[name, name]`, or the paths of source and target. */
export type Imported = readonly (readonly [source: string, target: string])[];

export interface Kind {
  readonly itemType: ItemType;
  /** Null: there is nothing that could be imported. Changes nothing. */
  detect(scope: Scope): { readonly description: string; readonly details: MigrationDetails | null } | null;
  /** `details`: what the person chose; null: everything. Throws for what goes wrong; what it returns is on the disk. */
  import(scope: Scope, details: MigrationDetails | null): Imported | Promise<Imported>;
}

export const detailsOf = (some: Partial<MigrationDetails>): MigrationDetails => ({
  plugins: [],
  skills: [],
  sessions: [],
  mcpServers: [],
  hooks: [],
  subagents: [],
  commands: [],
  ...some,
});

/** The names that were chosen; all, where nothing was chosen. */
export function chosen<T extends string>(
  names: readonly T[],
  asked: readonly { readonly name: string }[] | undefined,
): T[] {
  if (asked === undefined) return [...names];
  const wanted = new Set(asked.map(({ name }) => name));
  return names.filter((name) => wanted.has(name));
}

export const named = (names: readonly string[]): { name: string }[] => names.map((name) => ({ name }));
