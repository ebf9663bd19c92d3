/**
 * The requirements for the use of models: reviewers, logins, providers, the first settings of threads, the network of
 * the daemon itself. Null: no requirement.
 */
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, tableAt } from '../toml/value.js';
import type { Verdict } from './network-requirements.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

export type Reviewer = 'user' | 'auto_review';
export type LoginMethod = 'api' | 'chatgpt';

export interface ModelRequirements {
  /** The file, for refusals. */
  readonly source: string;
  /** The allowed reviewers of approvals; the first one replaces a reviewer that is not allowed. */
  readonly reviewers: readonly Reviewer[] | null;
  /** Models with approvals by the automatic reviewer only. */
  readonly reviewRequiredOn: readonly string[];
  /** Text that is added to the instructions of the automatic reviewer. */
  readonly reviewPolicy: string | null;
  /** Text that is added to the instructions of every thread. */
  readonly developerInstructions: string | null;
  readonly loginMethods: readonly LoginMethod[] | null;
  /** The workspaces of an account that may be signed in to and used; null: any. */
  readonly workspaces: readonly string[] | null;
  /** The file that forbids a login in a file (`cli_auth_credentials_store`); null: it is allowed. */
  readonly loginInFileForbiddenBy: string | null;
  readonly modelProvider: string | null;
  /** The first settings of a new thread, if nothing else is configured. */
  readonly newThread: { readonly model: string | null; readonly effort: string | null; readonly tier: string | null };
  /** The hosts that the daemon itself may connect to; null: all hosts. */
  readonly applicationNetwork: ApplicationNetwork | null;
  readonly residency: string | null;
}

export interface ApplicationNetwork {
  /** By pattern; a host without an allowing pattern is denied. */
  readonly domains: Readonly<Record<string, Verdict>>;
}

/** Whether a login with this `cli_auth_credentials_store` is not in a file. */
export const isElsewhere = (store: TomlValue | undefined): boolean => store === 'keyring' || store === 'ephemeral';

/** `table`: requirements.toml, types checked. Throws ConfigError. */
export function readModelRequirements(table: TomlTable, source: string): ModelRequirements {
  const newThread = tableAt(tableAt(table, 'models'), 'new_thread');
  const store = table.cli_auth_credentials_store;
  return {
    source,
    reviewers: reviewers(table.allowed_approvals_reviewers),
    reviewRequiredOn: texts(tableAt(table, 'auto_review').required_on_models),
    reviewPolicy: joined([text(table.guardian_policy_config), text(table.guardian_extra_policy)]),
    developerInstructions: text(table.additional_developer_instructions),
    loginMethods: loginMethods(table.allowed_login_methods),
    workspaces: isList(table.allowed_chatgpt_workspaces) ? texts(table.allowed_chatgpt_workspaces) : null,
    loginInFileForbiddenBy: isElsewhere(store) ? source : null,
    modelProvider: text(table.model_provider),
    newThread: {
      model: text(newThread.model),
      effort: text(newThread.model_reasoning_effort),
      tier: text(newThread.service_tier),
    },
    applicationNetwork: applicationNetwork(tableAt(table, 'application').network),
    residency: text(table.enforce_residency),
  };
}

function reviewers(value: TomlValue | undefined): readonly Reviewer[] | null {
  if (!isList(value)) return null;
  if (value.length === 0)
    throw new ConfigError('field `allowed_approvals_reviewers` cannot be empty', {
      origin: 'requirements',
      key: ['allowed_approvals_reviewers'],
    });
  return [...new Set(value.map((one) => (one === 'user' ? 'user' : 'auto_review')))];
}

const LOGIN_METHODS: readonly LoginMethod[] = ['api', 'chatgpt'];

function loginMethods(value: TomlValue | undefined): readonly LoginMethod[] | null {
  return isList(value) ? LOGIN_METHODS.filter((method) => value.includes(method)) : null;
}

/** A section counts unless it has `enabled = false`, because somebody wrote its rules. */
function applicationNetwork(value: TomlValue | undefined): ApplicationNetwork | null {
  if (!isTable(value) || value.enabled === false) return null;
  const written = tableAt(value, 'domains');
  return {
    domains: Object.fromEntries(
      Object.entries(written).map(([host, verdict]) => [host, verdict === 'allow' ? 'allow' : 'deny'] as const),
    ),
  };
}

function joined(parts: readonly (string | null)[]): string | null {
  const there = parts.filter((part) => part !== null);
  return there.length === 0 ? null : there.join('\n\n');
}

const text = (value: TomlValue | undefined): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null;
const texts = (value: TomlValue | undefined): string[] =>
  isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];
