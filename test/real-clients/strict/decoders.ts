/**
 * Strict decoders, as clients generate them: from the JSON schemas that the official program writes of its own
 * protocol at run time. Nothing of those schemas is kept in this repository.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { execa } from 'execa';

/** A schema, read loosely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Schema = any;

export interface Decoders {
  /** `0.171.0`, or `0.171.0 stable` for the schema without experimental parts. */
  readonly name: string;
  /** Null: the method is not of this version. */
  readonly methods: readonly string[];
  /** What is wrong with a message; empty: nothing. */
  result(method: string, result: unknown): readonly string[];
  message(kind: 'notification' | 'serverRequest' | 'error' | 'response', message: unknown): readonly string[];
  /** Of the client's own messages: they hold to the schema as well, or the session proves little. */
  sent(kind: 'request' | 'notification', message: unknown): readonly string[];
  answer(method: string, result: unknown): readonly string[];
}

/** Results whose names follow neither the params nor the method. */
const RESULTS: Readonly<Record<string, string>> = {
  'account/gatewayOAuth/cancel': 'GatewayOAuthCancelResponse',
  'account/logout': 'LogoutAccountResponse',
  'account/rateLimits/read': 'GetAccountRateLimitsResponse',
  'account/securitySetup/read': 'GetAccountSecuritySetupResponse',
  'account/workspaceMessages/read': 'GetWorkspaceMessagesResponse',
  'accountSession/list': 'AccountSessionsResponse',
  'config/batchWrite': 'ConfigWriteResponse',
  'config/mcpServer/reload': 'McpServerRefreshResponse',
  'config/value/write': 'ConfigWriteResponse',
  'externalAgentConfig/import/readHistories': 'ExternalAgentConfigImportHistoriesReadResponse',
  'modelProvider/default/set': 'ConfigWriteResponse',
};

const words = (method: string): string =>
  method
    .split(/[/_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Has `program` (an official one) write its schemas into `folder`, which is new. */
export async function officialDecoders(
  program: readonly [string, ...string[]],
  folder: string,
  { name, experimental, home }: { readonly name: string; readonly experimental: boolean; readonly home: string },
): Promise<Decoders> {
  const [command, ...args] = program;
  const flags = experimental ? ['--experimental'] : [];
  await execa(command, [...args, 'app-server', 'generate-json-schema', ...flags, '--out', folder], {
    env: { CODEX_HOME: home },
    timeout: 60_000,
  });
  const read = (file: string): Schema => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, formats: FORMATS });
  const known = new Map<string, ValidateFunction | null>();
  const compiled = (type: string): ValidateFunction | null => {
    const before = known.get(type);
    if (before !== undefined) return before;
    const file = ['', 'v2', 'v1'].map((part) => path.join(part, `${type}.json`)).find((one) => exists(folder, one));
    const made = file === undefined ? null : ajv.compile(read(file));
    known.set(type, made);
    return made;
  };
  const check = (type: string, value: unknown): readonly string[] => {
    const validate = compiled(type);
    if (validate === null) return [`there is no ${type}.json in this version`];
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath || 'it'} ${message}`);
  };
  /** By its method, so that the errors are of one shape and not of a hundred. */
  const union = (file: string) => {
    const { oneOf, definitions } = read(file);
    const shapes = new Map<string, ValidateFunction>();
    const branches = new Map<string, Schema>(oneOf.map((one: Schema) => [one.properties.method.enum[0], one]));
    return {
      branches,
      check(message: { readonly method?: unknown }): readonly string[] {
        const method = String(message.method);
        const branch = branches.get(method);
        if (branch === undefined) return [`there is no \`${method}\` in this version`];
        const validate = shapes.get(method) ?? ajv.compile({ ...branch, definitions });
        shapes.set(method, validate);
        if (validate(message)) return [];
        return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath || 'it'} ${message}`);
      },
    };
  };
  const requests = union('ClientRequest.json');
  const asked = union('ServerRequest.json');
  const told = union('ServerNotification.json');
  const said = union('ClientNotification.json');
  const typeOf = (params: Schema): string | undefined =>
    [params, ...(params?.anyOf ?? [])]
      .find((one) => one?.$ref !== undefined)
      ?.$ref.split('/')
      .at(-1);
  return {
    name,
    methods: [...requests.branches.keys()],
    result(method, result) {
      const branch = requests.branches.get(method);
      if (branch === undefined) return [];
      const ofParams = typeOf(branch.properties.params)?.replace(/Params$/, 'Response');
      const names = [RESULTS[method], ofParams, `${words(method)}Response`].filter((one) => one !== undefined);
      return check(names.find((one) => compiled(one) !== null) ?? names.join(' or '), result);
    },
    message(kind, message) {
      if (kind === 'error') return check('JSONRPCError', message);
      if (kind === 'response') return check('JSONRPCResponse', message);
      const loose = message as { readonly method?: unknown };
      return kind === 'notification' ? told.check(loose) : asked.check(loose);
    },
    sent: (kind, message) => (kind === 'request' ? requests : said).check(message as { readonly method?: unknown }),
    answer(method, result) {
      const type = typeOf(asked.branches.get(method)?.properties.params)?.replace(/Params$/, 'Response');
      return type === undefined ? [`there is no \`${method}\` in this version`] : check(type, result);
    },
  };
}

const exists = (folder: string, file: string): boolean => fs.existsSync(path.join(folder, file));

const whole = (lowest: number, highest: number) => ({
  type: 'number' as const,
  validate: (value: number): boolean => Number.isInteger(value) && value >= lowest && value <= highest,
});

/** The number formats that the official generator writes. */
const FORMATS = {
  uint8: whole(0, 255),
  uint16: whole(0, 65_535),
  uint32: whole(0, 2 ** 32 - 1),
  uint64: whole(0, 2 ** 64),
  uint: whole(0, 2 ** 64),
  int32: whole(-(2 ** 31), 2 ** 31 - 1),
  int64: whole(-(2 ** 63), 2 ** 63),
  double: true,
  float: true,
} as const;
