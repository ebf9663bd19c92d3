/**
 * An evaluator of the part of Seatbelt's language that codexd writes, for every reading of it that is plausible: Apple
 * documents neither the language nor which operations a system call needs. A policy is good only if all readings give
 * the wanted answer. No Mac has been asked.
 */

export interface Reading {
  /** Whether `subpath` covers the place itself. */
  readonly subpathItself: boolean;
  /** What decides if several rules match. `specific`: the rule that names the operation itself, before one with `*`. */
  readonly precedence: 'last' | 'first' | 'deny' | 'specific';
  /** The addresses that `localhost` stands for. */
  readonly localhost: readonly string[];
  /** Which name of a file on the writable volume the kernel reports. */
  readonly names: 'plain' | 'dataVolume';
  /** Whose path a hard link or a clone is judged by. */
  readonly linkBy: 'source' | 'target';
}

export const READINGS: readonly Reading[] = [true, false].flatMap((subpathItself) =>
  (['last', 'first', 'deny', 'specific'] as const).flatMap((precedence) =>
    [['127.0.0.1'], ['127.0.0.1', '::1'], ['127.0.0.1', '::1', '::ffff:127.0.0.1']].flatMap((localhost) =>
      (['plain', 'dataVolume'] as const).flatMap((names) =>
        (['source', 'target'] as const).map((linkBy) => ({ subpathItself, precedence, localhost, names, linkBy })),
      ),
    ),
  ),
);

/** One question to the kernel's part. */
export interface Question {
  readonly operation: string;
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly transport?: 'tcp' | 'udp';
  /** A name of a service or a sysctl. */
  readonly name?: string;
  readonly sameSandbox?: boolean;
  readonly domain?: string;
  readonly extension?: string;
}

type Node = string | { readonly text: string } | { readonly regex: string } | readonly Node[];

interface Rule {
  readonly verb: 'allow' | 'deny';
  readonly operations: readonly string[];
  readonly filters: readonly (readonly Node[])[];
}

export type Policy = (question: Question) => boolean;

/** Throws for anything that is not part of the language as codexd writes it. */
export function evaluate(text: string, reading: Reading): Policy {
  const rules = known.get(text) ?? rulesOf(text);
  known.set(text, rules);
  return (question) => {
    const asked = question.path === undefined ? question : { ...question, path: reported(question.path, reading) };
    const matching = rules.filter(
      ({ operations, filters }) =>
        operations.some((operation) => covers(operation, asked.operation)) &&
        (filters.length === 0 || filters.some((filter) => matches(filter, asked, reading))),
    );
    return decide(matching, asked.operation, reading.precedence);
  };
}

const known = new Map<string, readonly Rule[]>();

function rulesOf(text: string): readonly Rule[] {
  const [version, fallback, ...rest] = parse(text);
  if (JSON.stringify([version, fallback]) !== '[["version","1"],["deny","default"]]') throw new Error('another start');
  return rest.map(ruleOf);
}

function decide(rules: readonly Rule[], operation: string, precedence: Reading['precedence']): boolean {
  const verbs = rules.map(({ verb }) => verb);
  switch (precedence) {
    case 'last':
      return verbs.at(-1) === 'allow';
    case 'first':
      return verbs[0] === 'allow';
    case 'deny':
      return verbs.length > 0 && !verbs.includes('deny');
    case 'specific': {
      const own = rules.filter(({ operations }) => operations.includes(operation)).map(({ verb }) => verb);
      return (own.at(-1) ?? verbs.at(-1)) === 'allow';
    }
  }
}

/** The system's own files are on another volume, which has one name. */
function reported(path: string, { names }: Reading): string {
  const system = /^\/(System|usr\/(?!local)|bin|sbin|dev)(\/|$)/.test(path) || path === '/';
  return names === 'plain' || system ? path : `/System/Volumes/Data${path}`;
}

const covers = (rule: string, operation: string): boolean =>
  rule === operation || (rule.endsWith('*') && operation.startsWith(rule.slice(0, -1)));

function ruleOf(node: Node): Rule {
  if (!isList(node)) throw new Error('a rule is a list');
  const [verb, ...rest] = node;
  if (verb !== 'allow' && verb !== 'deny') throw new Error(`no rule: ${JSON.stringify(verb)}`);
  const operations = rest.filter((part) => typeof part === 'string');
  for (const operation of operations) if (!OPERATIONS.has(operation)) throw new Error(`no operation: ${operation}`);
  if (operations.length === 0) throw new Error('a rule without an operation');
  const filters = rest.filter(isList);
  if (operations.length + filters.length !== rest.length) throw new Error('a rule has operations and filters');
  return { verb, operations, filters };
}

/** Operations that every macOS since 11 knows: an unknown one makes the whole policy invalid. */
const OPERATIONS: ReadonlySet<string> = new Set(
  `file-read* file-read-data file-read-metadata file-write* file-write-data file-write-mode file-write-times
  file-write-xattr file-write-unlink file-ioctl file-map-executable process-exec process-fork process-info* signal
  sysctl-read mach-lookup ipc-posix-sem pseudo-tty network-bind network-inbound network-outbound system-socket`.split(
    /\s+/,
  ),
);

function matches(filter: readonly Node[], asked: Question, reading: Reading): boolean {
  const [kind, ...rest] = filter;
  const [first] = rest;
  const inner = (): readonly (readonly Node[])[] => rest.filter(isList);
  switch (kind) {
    case 'literal':
      return asked.path === textOf(first);
    case 'subpath': {
      const folder = textOf(first);
      if (asked.path === undefined) return false;
      return (reading.subpathItself && asked.path === folder) || asked.path.startsWith(`${folder}/`);
    }
    case 'regex':
      return asked.path !== undefined && new RegExp(regexOf(first)).test(asked.path);
    case 'extension':
      return asked.extension === textOf(first);
    case 'remote':
      return matchesRemote(first, textOf(rest[1]), asked, reading);
    case 'global-name':
    case 'sysctl-name':
      return asked.name === textOf(first);
    case 'sysctl-name-prefix':
      return asked.name?.startsWith(textOf(first)) === true;
    case 'target':
      if (first !== 'same-sandbox') throw new Error('another target');
      return asked.sameSandbox === true;
    case 'socket-domain':
      return asked.domain === first;
    case 'socket-protocol':
      return true;
    case 'require-all':
      return inner().every((one) => matches(one, asked, reading));
    case 'require-any':
      return inner().some((one) => matches(one, asked, reading));
    case 'require-not':
      return !inner().some((one) => matches(one, asked, reading));
    default:
      throw new Error(`no filter: ${JSON.stringify(kind)}`);
  }
}

function matchesRemote(transport: Node | undefined, place: string, asked: Question, { localhost }: Reading): boolean {
  const [host = '', port = ''] = place.split(':');
  if (host !== '*' && host !== 'localhost') throw new Error(`${host} is no host of the language`);
  if (asked.host === undefined || (transport !== 'ip' && transport !== asked.transport)) return false;
  return (host === '*' || localhost.includes(asked.host)) && (port === '*' || Number(port) === asked.port);
}

function textOf(node: Node | undefined): string {
  if (node !== undefined && typeof node === 'object' && 'text' in node) return node.text;
  throw new Error('a string is missing');
}

function regexOf(node: Node | undefined): string {
  if (node !== undefined && typeof node === 'object' && 'regex' in node) return node.regex;
  throw new Error('a regular expression is missing');
}

const isList = (node: Node): node is readonly Node[] => Array.isArray(node);

/** Throws if the text is not one whole. */
export function parse(text: string): readonly Node[] {
  const TOKEN = /\s*(?:([()])|#"((?:[^"\\]|\\.)*)"|"((?:[^"\\]|\\.)*)"|([^\s()"#]+))/y;
  const stack: Node[][] = [[]];
  let end = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    end = TOKEN.lastIndex;
    const [, bracket, regex, quoted, word] = found;
    const open = stack.at(-1);
    if (!open) throw new Error('closed too often');
    if (bracket === '(') stack.push([]);
    else if (bracket === ')') {
      stack.pop();
      stack.at(-1)?.push(open);
    } else if (regex !== undefined) open.push({ regex });
    else if (quoted !== undefined) open.push({ text: quoted.replace(/\\(.)/gs, '$1') });
    else if (word !== undefined) open.push(word);
  }
  if (text.slice(end).trim() !== '') throw new Error(`not understood: ${text.slice(end, end + 40)}`);
  const [all, more] = stack;
  if (!all || more) throw new Error('not closed');
  return all;
}

/** What programs do to files, in the operations that the kernel may ask for. All must be allowed. */
export type FileAct = 'read' | 'stat' | 'change' | 'create' | 'remove' | 'run' | 'chmod';
const NEEDED: Readonly<Record<FileAct, readonly string[]>> = {
  read: ['file-read-data', 'file-read-metadata'],
  stat: ['file-read-metadata'],
  change: ['file-write-data'],
  create: ['file-write-create'],
  remove: ['file-write-unlink'],
  run: ['process-exec'],
  chmod: ['file-write-mode'],
};

export const can = (policy: Policy, act: FileAct, path: string): boolean =>
  NEEDED[act].every((operation) => policy({ operation, path }));

/** Whether one of the operations is allowed: none may be, for a denied act. */
export const canSomehow = (policy: Policy, act: FileAct, path: string): boolean =>
  NEEDED[act].some((operation) => policy({ operation, path }));

export const canRename = (policy: Policy, from: string, to: string): boolean =>
  policy({ operation: 'file-write-unlink', path: from }) && policy({ operation: 'file-write-create', path: to });

export const canLink = (policy: Policy, reading: Reading, from: string, to: string): boolean =>
  ['file-link', 'file-clone'].some((operation) =>
    policy({ operation, path: reading.linkBy === 'source' ? from : to }),
  ) && policy({ operation: 'file-write-create', path: to });
