/**
 * The variables with which programs of AWS sign by the placeholder of a hook (docs/protocol/network.md §3.10), as the
 * official program gives them.
 *
 * Threat: a program that signs with other credentials of the environment, which the hook does not replace.
 * Rule: a variable that names a real credential has its placeholder. The usual names have them too, unless the daemon's
 * environment chooses others: a profile of AWS, or another access key.
 */
import type { MitmHook } from '../../config/permissions/mitm-hooks.js';
import type { SecretSource } from '../../config/permissions/secret-source.js';
import type { SecretEnvironment } from './secrets.js';

/** No signature that is made with them counts anywhere. */
const SECRET = 'codexd-placeholder-secret';
const TOKEN = 'codexd-placeholder-token';

export interface AwsVariables {
  readonly given: Readonly<Record<string, string>>;
  /** Of other credentials, which would go along. */
  readonly withheld: readonly string[];
}

export function awsVariables(hooks: readonly MitmHook[], environment: SecretEnvironment): AwsVariables {
  const signings = hooks.flatMap(({ signing }) => signing ?? []);
  const given = new Map<string, string>();
  const name = (from: SecretSource | null, value: string): void => {
    if (from !== null && 'variable' in from) given.set(from.variable, value);
  };
  for (const { placeholderId, accessKeyId, secretAccessKey, sessionToken } of signings) {
    name(sessionToken, TOKEN);
    name(secretAccessKey, SECRET);
    name(accessKeyId, placeholderId);
  }
  const [first] = signings;
  const isOne = new Set(signings.map(({ placeholderId }) => placeholderId)).size === 1;
  const usual = given.get('AWS_ACCESS_KEY_ID') ?? environment['AWS_ACCESS_KEY_ID'] ?? first?.placeholderId;
  const isOther = usual !== first?.placeholderId || CHOICES.some((choice) => environment[choice] !== undefined);
  if (first === undefined || !isOne || isOther) return { given: Object.fromEntries(given), withheld: [] };
  given.set('AWS_ACCESS_KEY_ID', first.placeholderId).set('AWS_SECRET_ACCESS_KEY', SECRET);
  const tokens = ['AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];
  if (signings.every(({ sessionToken }) => sessionToken !== null)) given.set('AWS_SESSION_TOKEN', TOKEN);
  return { given: Object.fromEntries(given), withheld: tokens.filter((token) => !given.has(token)) };
}
const CHOICES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const;
