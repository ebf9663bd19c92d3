/**
 * `[permissions.NAME.network.mitm]`: which requests pass, and how they are changed (docs/protocol/network.md §3.10).
 * permissions/mitm-hooks.ts reads it, and says what no type can say. A hook may be completed by another file, or by the
 * profile that extends this one: no key is required here. An unknown key or another type is never passed over, because
 * a hook without it would let more through.
 */
import { any, int, list, map, secret, str, table, type Shape, type TableShape } from './toml-shape.js';

const texts = (doc: string): Shape => list(str(), doc);
const tables = (of: Shape, doc: string): Shape => ({ kind: 'map', of, doc, strict: true });

export function mitmShape(): TableShape {
  const hook = table(
    'NetworkMitmHookToml',
    {
      host: str('The host: a name or an address, without wildcards and without a port.'),
      schemes: texts('`https`, with `version = 2`.'),
      ports: list(int('u16'), 'Only these ports, with `version = 2` (default: all).'),
      methods: texts('Methods that pass, in capital letters.'),
      path_prefixes: texts('Beginnings of paths that pass, or `pattern:` and a pattern of the whole path.'),
      query: map(texts(''), 'Parameters that must be there once, each with one of its values.'),
      headers: secret(
        map(texts(''), 'Headers that must be there once, each with one of its values; no value: with any.'),
      ),
      body: any('Refused: requests are not judged by their bodies.'),
      action: texts('Names of `actions` that change a request which passes.'),
    },
    { closed: true, sparse: true },
  );
  const injected = table(
    'InjectedHeaderToml',
    {
      name: str('The header.'),
      secret_env_var: str('The variable of the daemon’s environment that has its value.'),
      secret_file: str('The file that has its value, absolute, in place of `secret_env_var`.'),
      prefix: str('What stands before the secret, such as `Bearer `.'),
    },
    { closed: true, sparse: true },
  );
  const action = table(
    'NetworkMitmActionToml',
    {
      strip_request_headers: texts('Headers that are taken out.'),
      inject_request_headers: list(injected, 'Headers that are put in, in place of the client’s.'),
      body_secret_substitution: substitution(),
      aws_sigv4: signing(),
    },
    { closed: true, sparse: true },
  );
  return table(
    'NetworkMitmTomlUnchecked',
    {
      version: int('i64', '2 for hooks with `ports` and `schemes`.'),
      hooks: tables(hook, 'Which requests pass, by a name of the hook. A host with hooks gets no other request.'),
      actions: tables(action, 'Changes of requests, by a name of the action.'),
    },
    { closed: true, doc: 'Hooks: which requests to a host over TLS are let through, and how they change.' },
  );
}

const port = (): Shape => int('u16', 'The only port, 443 by default.');
const maxBody = (): Shape =>
  int('u64', 'Octets of a body, at most 16777216 (default: 8388608). A longer one is refused.');

const secretSource = (doc: string): TableShape =>
  table(
    'HookSecretToml',
    {
      env_var: str('The variable of the daemon’s environment that has it.'),
      file: str('The file that has it, absolute, in place of `env_var`.'),
    },
    { closed: true, sparse: true, doc },
  );

function substitution(): TableShape {
  const replacement = table(
    'BodySecretReplacement',
    {
      placeholder: str('What the command writes in the body: 16 to 256 printable ASCII characters.'),
      secret: secretSource('What the server gets in its place.'),
    },
    { closed: true, sparse: true },
  );
  return table(
    'BodySecretSubstitutionConfig',
    { replacements: list(replacement, 'At most 32.'), port: port(), max_body_bytes: maxBody() },
    { closed: true, sparse: true, doc: 'Secrets in place of placeholders in bodies, with `version = 2`.' },
  );
}

function signing(): TableShape {
  return table(
    'AwsSigV4Config',
    {
      placeholder_access_key_id: str('The access key with which the command signs. It is no real one.'),
      region: str('The region in the signature.'),
      service: str('The service in the signature, such as `s3`.'),
      access_key_id: secretSource('The real access key.'),
      secret_access_key: secretSource('Its secret.'),
      session_token: secretSource('The token of temporary credentials.'),
      port: port(),
      max_body_bytes: maxBody(),
    },
    {
      closed: true,
      sparse: true,
      doc: 'Signs requests to AWS with credentials that the command does not have, with `version = 2`.',
    },
  );
}
