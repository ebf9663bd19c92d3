/**
 * `[permissions.NAME.network.mitm.actions.*]`: what hooks change in a request that passes (docs/protocol/network.md
 * §3.10). Data only: network-approval/hooks changes requests by them.
 *
 * Threat: an action that is read as less than it says, or that puts a secret where its reader did not expect it.
 * Rule: every key is known and has its type; anything else refuses the profile, by the key's name.
 * Non-scope: the values of secrets, which are read when a command starts (network-approval/hooks/secrets.ts).
 */
import { isList, type TomlTable, type TomlValue } from '../toml/value.js';
import { optionalInteger, optionalText, refuse, requiredText, strings, tableOf, TOKEN, wrong } from './hook-values.js';
import { oneSource, readSecretSource, type SecretSource } from './secret-source.js';

export interface HookActions {
  /** Lower case. */
  readonly strip: readonly string[];
  readonly inject: readonly InjectedHeader[];
  readonly substitution: BodySubstitution | null;
  readonly signing: AwsSigning | null;
}

export interface InjectedHeader {
  readonly name: string;
  readonly from: SecretSource;
  /** In front of the secret. */
  readonly prefix: string;
}

/** Where these requests go, and how long their bodies may be. */
interface Limits {
  readonly port: number;
  /** Octets. */
  readonly maxBody: number;
}

export interface BodySubstitution extends Limits {
  /** No placeholder contains another. */
  readonly replacements: readonly { readonly placeholder: string; readonly from: SecretSource }[];
}

/** A request that is signed with `placeholderId` is signed again with the real credentials. */
export interface AwsSigning extends Limits {
  readonly placeholderId: string;
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: SecretSource;
  readonly secretAccessKey: SecretSource;
  readonly sessionToken: SecretSource | null;
}

/** `scoped`: the table has `version = 2`. Throws ConfigError, whose key is below the profile. */
export function readAction(name: string, value: TomlValue, scoped: boolean): HookActions {
  const at = `network.mitm.actions.${name}`;
  const keys = ['body_secret_substitution', 'aws_sigv4', 'strip_request_headers', 'inject_request_headers'];
  const table = tableOf(value, at, keys);
  const { body_secret_substitution: substitution, aws_sigv4: signing } = table;
  const strip = strings(table.strip_request_headers ?? [], `${at}.strip_request_headers`).map((header) =>
    headerName(header, `${at}.strip_request_headers`).toLowerCase(),
  );
  const inject = tables(table.inject_request_headers ?? [], `${at}.inject_request_headers`).map((one) =>
    injected(one, `${at}.inject_request_headers`),
  );
  if (substitution === undefined && signing === undefined && strip.length + inject.length === 0)
    throw wrong(at, `${at} must define at least one operation`);
  if (!scoped && (substitution !== undefined || signing !== undefined))
    throw wrong(at, 'scoped MITM actions require network.mitm.version = 2');
  return {
    strip,
    inject,
    substitution: substitution === undefined ? null : substitutionOf(substitution, `${at}.body_secret_substitution`),
    signing: signing === undefined ? null : signingOf(signing, `${at}.aws_sigv4`),
  };
}

function tables(value: TomlValue | undefined, at: string): readonly TomlValue[] {
  if (value === undefined) throw refuse(at, 'is missing');
  if (!isList(value)) throw refuse(at, 'must be a list of tables');
  return value;
}

/** Headers that frame or route a message: this proxy writes them itself. */
const OWN_HEADERS = /^(?:host|content-length|transfer-encoding|connection|upgrade|te|trailer|keep-alive|proxy-.*)$/i;

function headerName(name: string, at: string): string {
  if (!TOKEN.test(name)) throw refuse(at, `contains \`${name}\`, which is no header name`);
  if (OWN_HEADERS.test(name)) throw refuse(at, `contains \`${name}\`, which the proxy writes itself`);
  return name;
}

function injected(value: TomlValue, at: string): InjectedHeader {
  const table = tableOf(value, at, ['name', 'secret_env_var', 'secret_file', 'prefix']);
  const name = headerName(optionalText(table.name, `${at}.name`) ?? '', `${at}.name`);
  const prefix = optionalText(table.prefix, `${at}.prefix`) ?? '';
  const { secret_env_var, secret_file } = table;
  return { name, prefix, from: oneSource(at, { secret_env_var, secret_file }) };
}

const MIB = 1024 * 1024;

function limitsOf(table: TomlTable, at: string): Limits {
  return {
    port: optionalInteger(table.port, `${at}.port`, { least: 1, most: 65_535, otherwise: 443 }),
    maxBody: optionalInteger(table.max_body_bytes, `${at}.max_body_bytes`, {
      least: 0,
      most: 16 * MIB,
      otherwise: 8 * MIB,
    }),
  };
}

/** Each of them is looked for in the whole body. The official program's own limit. */
const MAX_REPLACEMENTS = 32;
/** Long enough that no body has it by chance. */
const PLACEHOLDER = /^[\x20-\x7e]{16,256}$/;

function substitutionOf(value: TomlValue, at: string): BodySubstitution {
  const table = tableOf(value, at, ['replacements', 'port', 'max_body_bytes']);
  const list = `${at}.replacements`;
  const written = tables(table.replacements, list);
  if (written.length === 0 || written.length > MAX_REPLACEMENTS)
    throw refuse(list, `must have from 1 to ${MAX_REPLACEMENTS} entries`);
  const replacements = written.map((one) => {
    const entry = tableOf(one, list, ['placeholder', 'secret']);
    const placeholder = requiredText(entry.placeholder, `${list}.placeholder`);
    if (!PLACEHOLDER.test(placeholder))
      throw refuse(`${list}.placeholder`, 'must have from 16 to 256 printable ASCII characters');
    return { placeholder, from: readSecretSource(entry.secret, `${list}.secret`) };
  });
  const texts = replacements.map(({ placeholder }) => placeholder);
  if (texts.some((text, i) => texts.some((other, j) => i !== j && other.includes(text))))
    throw refuse(list, 'has a placeholder that is, or contains, another');
  return { replacements, ...limitsOf(table, at) };
}

/** Part of a credential's scope, between slashes. */
const SCOPE = /^[0-9A-Za-z-]{1,64}$/;
/** Stands in front of the scope: no separator of it, and none of the field. */
const KEY_ID = /^[\x21-\x2b\x2d\x2e\x30-\x7e]{1,128}$/;

function signingOf(value: TomlValue, at: string): AwsSigning {
  const sources = ['access_key_id', 'secret_access_key', 'session_token'];
  const keys = ['placeholder_access_key_id', 'region', 'service', ...sources, 'port', 'max_body_bytes'];
  const table = tableOf(value, at, keys);
  const textOf = (key: string, form: RegExp, problem: string): string => {
    const text = requiredText(table[key], `${at}.${key}`);
    if (!form.test(text)) throw refuse(`${at}.${key}`, problem);
    return text;
  };
  const scope = 'must be letters, digits and dashes';
  return {
    placeholderId: textOf(
      'placeholder_access_key_id',
      KEY_ID,
      'must be printable ASCII without blanks, commas or slashes',
    ),
    region: textOf('region', SCOPE, scope),
    service: textOf('service', SCOPE, scope),
    accessKeyId: readSecretSource(table.access_key_id, `${at}.access_key_id`),
    secretAccessKey: readSecretSource(table.secret_access_key, `${at}.secret_access_key`),
    sessionToken:
      table.session_token === undefined ? null : readSecretSource(table.session_token, `${at}.session_token`),
    ...limitsOf(table, at),
  };
}

/** What of a hook's actions uses secrets of the daemon, by the places where they are. */
export const secretSources = ({ inject, substitution, signing }: HookActions): readonly SecretSource[] => [
  ...inject.map(({ from }) => from),
  ...(substitution?.replacements.map(({ from }) => from) ?? []),
  ...(signing === null ? [] : [signing.accessKeyId, signing.secretAccessKey]),
  ...(signing?.sessionToken ? [signing.sessionToken] : []),
];
