/**
 * Every error of codexd's own, as one table: what it means, whose matter it is, and the way out.
 *
 * A code stands for one cause. It is what decides in the program, and what a line of the log carries as `code`; texts
 * are for people, and nothing reads them. docs/errors.md is written from this table (scripts/generate-errors.mjs).
 */

/**
 * Who can do something about it. `administrator`: who sets the requirements of this machine; `user`: whose
 * configuration or command line it is; `client`: who asked, which is a client of the protocol or a model that calls a
 * tool; `machine`: the host, its programs and its network; `bug`: codexd itself.
 */
export type ErrorKind = 'administrator' | 'user' | 'client' | 'machine' | 'bug';

/** One row. */
export interface ErrorRow {
  /** The JSON-RPC error that it is answered as; null: it never is the answer to a request by itself. */
  readonly rpcCode: number | null;
  readonly kind: ErrorKind;
  /** What has happened, as a clause. */
  readonly title: string;
  /** The way out. */
  readonly remedy: string;
}

/**
 * JSON-RPC error codes that the protocol uses (docs/protocol/transport.md §1, docs/protocol/exec.md §0). Everything
 * malformed is INVALID_REQUEST: the protocol has no -32700 and no -32602 for shapes.
 */
export const RpcCode = {
  invalidRequest: -32600,
  /** A method of the protocol that codexd does not implement (yet). */
  notSupported: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** The ingress queue is full (docs/protocol/transport.md §13). */
  overloaded: -32001,
} as const;

export const CODES = {
  // Requests and their answers.
  'request.invalid': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'the request is malformed, or does not fit the state of the connection, the thread or the process',
    remedy: 'Correct the request: the message names the member or the state.',
  },
  'request.invalid-params': {
    rpcCode: RpcCode.invalidParams,
    kind: 'client',
    title: 'a value in the params is out of its range',
    remedy: 'Correct the value that the message names.',
  },
  'request.not-supported': {
    rpcCode: RpcCode.notSupported,
    kind: 'client',
    title: 'the method, or this form of it, is not there in codexd',
    remedy: 'Use the method that the message names, or go on without it.',
  },
  'request.failed': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the request is in order, and could not be done',
    remedy: 'The message names the reason: a configuration, a file or a program of this machine.',
  },
  'request.overloaded': {
    rpcCode: RpcCode.overloaded,
    kind: 'client',
    title: 'the connection has more requests in its queue than it may have',
    remedy: 'Wait for answers, then send the request again.',
  },
  'request.unexpected': {
    rpcCode: RpcCode.internal,
    kind: 'bug',
    title: 'something failed that nobody foresaw; the log has the stack',
    remedy: 'Report the lines of the log.',
  },
  'answer.refused': {
    rpcCode: null,
    kind: 'client',
    title: 'a client answered a request of the server with an error, which keeps its own JSON-RPC code',
    remedy: "The message is the client's own.",
  },
  'answer.unusable': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'a client answered a request of the server with another shape than that of the protocol',
    remedy: 'Correct the client: the message names the member.',
  },
  'answer.withdrawn': {
    rpcCode: RpcCode.internal,
    kind: 'client',
    title: 'a request of the server was withdrawn before a client answered it',
    remedy: 'Nothing has to be done: the turn or the connection that it belonged to has ended.',
  },

  // Configuration.
  'config.invalid': {
    rpcCode: RpcCode.internal,
    kind: 'user',
    title: 'a value of the configuration cannot be used',
    remedy: 'Correct the value; `codexd config check` names its place.',
  },
  'config.requirements': {
    rpcCode: RpcCode.internal,
    kind: 'administrator',
    title: 'the requirements of this machine cannot be read, contradict themselves, or do not allow what was asked',
    remedy: 'Ask for what they allow, or have the administrator correct them; `codexd config check` names the place.',
  },
  'config.layer': {
    rpcCode: null,
    kind: 'user',
    title: 'a file of the configuration cannot be read, is no TOML, or holds an unknown key under `--strict-config`',
    remedy: 'Correct the file at the place that the message names.',
  },
  'config.project': {
    rpcCode: null,
    kind: 'user',
    title: 'the `.codex/config.toml` of a trusted project cannot be read or is no TOML',
    remedy: 'Correct the file at the place that the message names.',
  },
  'config.syntax': {
    rpcCode: null,
    kind: 'user',
    title: 'a text is no TOML',
    remedy: 'Correct it at the line and column that the message names.',
  },
  'config.integer': {
    rpcCode: null,
    kind: 'user',
    title: 'an integer in TOML has more than 64 bits',
    remedy: 'Write a smaller number.',
  },
  'config.locked': {
    rpcCode: null,
    kind: 'machine',
    title: 'another program has held the lock of the configuration for too long',
    remedy: 'Try again; end the program that the message names if it hangs.',
  },
  'rules.statement': {
    rpcCode: null,
    kind: 'user',
    title: 'a statement of a rules file cannot be understood',
    remedy: 'Correct the line: until then whatever it may have forbidden is asked about.',
  },

  // Commands.
  'exec.spawn': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'a command could not be started',
    remedy: 'The message has the words of the operating system: correct the program, its folder or its limits.',
  },
  'exec.pipes': {
    rpcCode: null,
    kind: 'machine',
    title: 'no program of this system makes pipes for commands',
    remedy: 'Install sh or perl in a system folder; until then commands get socket pairs.',
  },
  'exec.pipe-maker': {
    rpcCode: null,
    kind: 'machine',
    title: 'a program that should make pipes for commands is not there, or does something else',
    remedy: 'Nothing has to be done: the next one is tried.',
  },
  'exec.output-too-large': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'the output of commands that waits for its answer is larger than can be kept',
    remedy: 'Take the output as it comes (`processId` and `streamStdoutStderr`), or set `outputBytesCap`.',
  },
  'exec.base64': {
    rpcCode: RpcCode.invalidParams,
    kind: 'client',
    title: 'a text is not strict base64',
    remedy: 'Encode it with the standard alphabet and canonical padding.',
  },
  'sandbox.refused': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the command cannot be held to its permissions, so it does not run',
    remedy: 'The message names the reason and the way out; `codexd doctor` tries the sandbox.',
  },
  'sandbox.tree-moved': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'folders that a denied glob covers are moved or removed all the time, so the command does not run',
    remedy: 'Try again when that has ended.',
  },

  // The network of commands.
  'network.policy': {
    rpcCode: RpcCode.internal,
    kind: 'user',
    title: 'the network rules of a permission profile cannot be understood, so the command does not run',
    remedy: 'Correct the pattern that the message names.',
  },
  'network.lane': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'no network lane can be made, so the command does not run',
    remedy: 'The message names the reason and the way out; `codexd doctor` tries a lane.',
  },
  'network.interception': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'TLS cannot be intercepted, which limited mode needs, so the command does not run',
    remedy: 'The message names the reason; full mode needs no interception.',
  },
  'proxy.body': {
    rpcCode: null,
    kind: 'client',
    title: 'the body of a request through the proxy is malformed or was cut off',
    remedy: 'The command has to send it again.',
  },
  'proxy.cut-off': {
    rpcCode: null,
    kind: 'machine',
    title: 'a connection through the proxy failed after the head of the answer had gone out',
    remedy: 'The command has to ask again.',
  },
  'proxy.stale': {
    rpcCode: null,
    kind: 'machine',
    title: 'a kept connection of the proxy had been closed before a request reached its upstream',
    remedy: 'Nothing has to be done: the proxy asks again where that is safe.',
  },

  // Threads.
  'thread.not-found': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'the thread, the turn or the rollout does not exist',
    remedy: 'List threads again.',
  },
  'thread.locked': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'another daemon writes to the thread',
    remedy: 'Use the thread there, or end that daemon.',
  },
  'thread.unreadable': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the files of a thread are there and cannot be read',
    remedy: 'The message names the file; put it back from a backup.',
  },
  'thread.referenced': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'a fork still refers to the history of the thread, so it cannot be deleted',
    remedy: 'Delete the forks first.',
  },
  'thread.lineage': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'the history that a thread was forked from is gone or has changed',
    remedy: 'Put the file back that the message names.',
  },
  'page.cursor': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'a cursor does not parse, or belongs to another thread, list or search',
    remedy: 'Begin again with the first page.',
  },
  'page.item': {
    rpcCode: RpcCode.invalidParams,
    kind: 'client',
    title: '`cursor.itemId` names no item of the history that was asked for',
    remedy: 'Use an id of an item that the same turn has.',
  },

  // Models and their tools. The model, not a client, reads what a tool says.
  'model.failed': {
    rpcCode: null,
    kind: 'machine',
    title: 'the endpoint of a model refused, failed or could not be reached',
    remedy: 'The message has the words of the endpoint; `codexd doctor` asks it for its models.',
  },
  'model.connection-closed': {
    rpcCode: null,
    kind: 'machine',
    title: 'the endpoint had closed a connection that was kept for the next request',
    remedy: 'Nothing to do: the request is sent once more, on a new connection.',
  },
  'tool.arguments': {
    rpcCode: null,
    kind: 'client',
    title: 'a model called a tool with arguments of another shape',
    remedy: 'The model reads the reason and calls again.',
  },
  'tool.patch': {
    rpcCode: null,
    kind: 'client',
    title: 'a model wrote a patch that does not parse or does not fit the files',
    remedy: 'The model reads the reason and tries again.',
  },
  'tool.image': {
    rpcCode: null,
    kind: 'client',
    title: 'a file that a model wants to see is no PNG, JPEG, GIF or WebP',
    remedy: 'The model reads the reason.',
  },
  'tool.not-a-file': {
    rpcCode: null,
    kind: 'client',
    title: 'a model named something that is no regular file',
    remedy: 'The model reads the reason.',
  },
  'tool.file-too-large': {
    rpcCode: null,
    kind: 'client',
    title: 'a file that a model named is larger than the tool takes',
    remedy: 'The model reads the reason, and can use a command.',
  },

  // The machine.
  'machine.os': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the operating system refused a call; the line of the log has its name as `errno`',
    remedy: 'A full disk, too many processes or a closed folder: what the words say.',
  },
  'machine.descriptors': {
    rpcCode: null,
    kind: 'machine',
    title: 'too few file descriptors are left to start something new',
    remedy: 'End commands or threads, or raise the limit of open files (`ulimit -n`).',
  },
  'machine.native-module': {
    rpcCode: null,
    kind: 'machine',
    title: 'the native module for terminals is missing, or is another file than the published one',
    remedy: 'Install codexd anew.',
  },
  'machine.program': {
    rpcCode: null,
    kind: 'machine',
    title: 'a program of the system is missing, or lies where commands could exchange it',
    remedy: 'Install it in a system folder that only root can change.',
  },
  'machine.scratch': {
    rpcCode: null,
    kind: 'machine',
    title: 'a folder for temporary files cannot be made or trusted',
    remedy: 'The message names the folder: give it to this user, or remove it.',
  },
  'machine.file': {
    rpcCode: null,
    kind: 'user',
    title:
      'a file can be reached and is not used: no regular file, a file of the kernel, elsewhere than named, or too large',
    remedy: 'Name the file itself.',
  },
  'doctor.not-confined': {
    rpcCode: null,
    kind: 'machine',
    title: 'a command of `codexd doctor` wrote where the sandbox must not let it',
    remedy: 'Run no commands on this machine; report the output of `codexd doctor`.',
  },

  // The command line.
  'cli.usage': {
    rpcCode: null,
    kind: 'user',
    title: 'the command line was written wrongly; exit code 2',
    remedy: 'See `--help` of the command.',
  },
  'cli.start': {
    rpcCode: null,
    kind: 'user',
    title: 'the program cannot start as asked; exit code 1',
    remedy: 'The message names the address, the file or the setting.',
  },
  'cli.exec': {
    rpcCode: null,
    kind: 'user',
    title: '`codexd exec` cannot do what it was asked to; exit code 1',
    remedy: 'The message is one line with the reason.',
  },

  // What has no code of its own.
  unexpected: {
    rpcCode: null,
    kind: 'bug',
    title: 'an error that nobody foresaw; the line of the log has the stack',
    remedy: 'Report the lines of the log.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** The codes of the table. */
export type Code = keyof typeof CODES;

/** The row of a code. */
export const rowOf = (code: Code): ErrorRow => CODES[code];
