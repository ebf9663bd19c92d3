/**
 * All of codexd's own errors in one table: what each means, who can correct it, and how.
 *
 * A code stands for one cause. The program decides by codes, and each line of the log has its code as `code`. Texts are
 * for people; the program does not read them. scripts/generate-errors.mjs writes docs/errors.md from this table.
 */

/**
 * Who can correct it. `administrator`: the author of this machine's requirements; `user`: the owner of the
 * configuration or the command line; `client`: the sender of the request, which is a client of the protocol or a model
 * that calls a tool; `machine`: the host, its programs and its network; `bug`: codexd itself.
 */
export type ErrorKind = 'administrator' | 'user' | 'client' | 'machine' | 'bug';

/** One row of the table. */
export interface ErrorRow {
  /** The JSON-RPC code of the answer; null: this error alone is never the answer to a request. */
  readonly rpcCode: number | null;
  readonly kind: ErrorKind;
  /** What happened, as a clause. */
  readonly title: string;
  /** How to correct it. */
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
    title: 'the method, or this form of it, is not supported',
    remedy: 'Use the method that the message names, or do without it.',
  },
  'request.failed': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the request is valid, but it could not be executed',
    remedy: 'The message names the reason: a configuration, a file or a program of this machine.',
  },
  'request.overloaded': {
    rpcCode: RpcCode.overloaded,
    kind: 'client',
    title: 'the connection has too many requests in its queue',
    remedy: 'Wait for answers, then send the request again.',
  },
  'request.unexpected': {
    rpcCode: RpcCode.internal,
    kind: 'bug',
    title: 'an unexpected failure; the log has the stack',
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
    title: 'a client answered a request of the server in a form that the protocol does not have',
    remedy: 'Correct the client: the message names the member.',
  },
  'answer.withdrawn': {
    rpcCode: RpcCode.internal,
    kind: 'client',
    title: 'a request of the server was withdrawn before a client answered it',
    remedy: 'No action is needed: the turn or the connection of the request has ended.',
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
    title: 'the requirements of this machine cannot be read, contradict themselves, or forbid the request',
    remedy: 'Request what they allow, or ask the administrator to correct them; `codexd config check` names the place.',
  },
  'config.layer': {
    rpcCode: null,
    kind: 'user',
    title:
      'a file of the configuration cannot be read, is not valid TOML, or has an unknown key under `--strict-config`',
    remedy: 'Correct the file at the place that the message names.',
  },
  'config.project': {
    rpcCode: null,
    kind: 'user',
    title: 'the `.codex/config.toml` of a trusted project cannot be read or is not valid TOML',
    remedy: 'Correct the file at the place that the message names.',
  },
  'config.syntax': {
    rpcCode: null,
    kind: 'user',
    title: 'a text is not valid TOML',
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
    title: 'another program held the lock of the configuration for too long',
    remedy: 'Try again; if the program in the message hangs, end it.',
  },
  'config.unwritable': {
    rpcCode: null,
    kind: 'user',
    title: 'a change cannot be written into a file without damage to the rest of it',
    remedy: 'Write the change into the file by hand.',
  },
  'rules.statement': {
    rpcCode: null,
    kind: 'user',
    title: 'a statement of a rules file cannot be understood',
    remedy: 'Correct the line: until then codexd asks about everything that the line may forbid.',
  },
  'rules.unwritable': {
    rpcCode: null,
    kind: 'user',
    title: 'a command cannot be written into a rules file as the same words',
    remedy: 'Write the rule by hand, or approve the command each time.',
  },

  // Commands.
  'exec.spawn': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'a command could not be started',
    remedy: 'The message has the text of the operating system: correct the program, its folder or its limits.',
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
    title: 'a program that makes pipes for commands is missing or does not work',
    remedy: 'No action is needed: codexd tries the next program.',
  },
  'exec.output-too-large': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'the stored output of commands that wait for their answers is too large',
    remedy: 'Stream the output (`processId` and `streamStdoutStderr`), or set `outputBytesCap`.',
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
    title: 'the sandbox cannot enforce the permissions of the command, so the command does not run',
    remedy: 'The message names the reason and the remedy; `codexd doctor` tests the sandbox.',
  },
  'sandbox.tree-moved': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'programs move or remove folders of a denied glob continuously, so the command does not run',
    remedy: 'Try again when these programs have ended.',
  },

  'hook.output': {
    rpcCode: null,
    kind: 'user',
    title: 'a hook printed what begins like JSON and is not an output of its event',
    remedy: 'Correct the hook: docs/protocol/services.md §6 has the members of each event.',
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
    title: 'codexd cannot make a network lane, so the command does not run',
    remedy: 'The message names the reason and the remedy; `codexd doctor` tests a lane.',
  },
  'network.interception': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'codexd cannot intercept TLS, which limited mode needs, so the command does not run',
    remedy: 'The message names the reason; full mode needs no interception.',
  },
  'network.environment': {
    rpcCode: null,
    kind: 'user',
    title: "a variable of the daemon's environment for proxies or certificates cannot be used",
    remedy: 'Correct the variable that the message names, or unset it.',
  },
  'network.upstream': {
    rpcCode: null,
    kind: 'machine',
    title: 'an upstream host or proxy cannot be reached, or answers against HTTP',
    remedy: 'The message names the reason: a name, an address or an answer.',
  },
  'network.audit': {
    rpcCode: null,
    kind: 'user',
    title: 'the file for decisions about the network is not private to this user',
    remedy: 'Follow the message: it names the folder or the file.',
  },
  'proxy.body': {
    rpcCode: null,
    kind: 'client',
    title: 'the body of a request through the proxy is malformed or incomplete',
    remedy: 'The command must send the request again.',
  },
  'proxy.cut-off': {
    rpcCode: null,
    kind: 'machine',
    title: 'a connection through the proxy failed after the proxy had sent the head of the answer',
    remedy: 'The command must send the request again.',
  },
  'proxy.stale': {
    rpcCode: null,
    kind: 'machine',
    title: 'the upstream closed a kept connection of the proxy before a request reached it',
    remedy: 'No action is needed: the proxy sends the request again if that is safe.',
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
    title: 'the files of a thread exist but cannot be read',
    remedy: 'The message names the file; restore it from a backup.',
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
    title: 'the history from which a thread was forked is missing or has changed',
    remedy: 'Restore the file that the message names.',
  },
  'thread.rollout-lost': {
    rpcCode: null,
    kind: 'user',
    title: 'the rollout file of a loaded thread was removed or changed by another program',
    remedy: 'Resume the thread: it continues with the file as it is now.',
  },
  'page.cursor': {
    rpcCode: RpcCode.invalidRequest,
    kind: 'client',
    title: 'a cursor is malformed, or belongs to another thread, list or search',
    remedy: 'Start again with the first page.',
  },
  'page.item': {
    rpcCode: RpcCode.invalidParams,
    kind: 'client',
    title: '`cursor.itemId` names no item of the requested history',
    remedy: 'Use the id of an item of the same turn.',
  },

  // Models and their tools. The model, not a client, reads the errors of tools.
  'model.failed': {
    rpcCode: null,
    kind: 'machine',
    title: 'the endpoint of a model refused, failed or could not be reached',
    remedy: 'The message has the text of the endpoint; `codexd doctor` requests its models.',
  },
  'model.connection-closed': {
    rpcCode: null,
    kind: 'machine',
    title: 'the endpoint closed a connection that was kept for the next request',
    remedy: 'No action is needed: codexd sends the request once more, on a new connection.',
  },
  'mcp.start-timeout': {
    rpcCode: null,
    kind: 'machine',
    title: 'an MCP server could not be started in time: other commands and servers hold the network lanes',
    remedy:
      'Raise `startup_timeout_sec` of the server, allow the daemon more open files (`LimitNOFILE`), or use fewer servers with a network profile.',
  },
  'mcp.line-too-long': {
    rpcCode: null,
    kind: 'machine',
    title: 'an MCP server wrote a line without end, and its connection was closed',
    remedy: 'Correct the server: one message is one line on its standard output.',
  },
  'mcp.login': {
    rpcCode: null,
    kind: 'machine',
    title: 'a login at an MCP server did not succeed',
    remedy: 'The text has the reason. Correct it, and log in again: `codexd mcp login NAME`.',
  },
  'mcp.credentials': {
    rpcCode: null,
    kind: 'user',
    title: '`.credentials.json` in the Codex home cannot be used, so no login at an MCP server can',
    remedy: 'Correct the file, or remove it, and log in again: `codexd mcp login NAME`.',
  },
  'account.login': {
    rpcCode: null,
    kind: 'machine',
    title: 'a login with an account did not succeed, or its tokens could not be renewed',
    remedy: 'The text has the reason. Correct it, and sign in again: `codexd login`.',
  },
  'account.ended': {
    rpcCode: null,
    kind: 'user',
    title: 'the issuer has taken the login with the account back',
    remedy: 'Sign in again: `codexd login`.',
  },
  'account.no-device-codes': {
    rpcCode: null,
    kind: 'user',
    title: 'the issuer has no logins with a device code',
    remedy: 'Sign in with a browser: `codexd login`.',
  },
  'account.backend': {
    rpcCode: null,
    kind: 'machine',
    title: 'a service that knows the account did not answer as expected',
    remedy: 'The text has the address and the answer. `chatgpt_base_url` names the service.',
  },
  'tool.arguments': {
    rpcCode: null,
    kind: 'client',
    title: 'a model called a tool with invalid arguments',
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
    title: 'an image is not PNG, JPEG, GIF or WebP, cannot be decoded, or has too many pixels',
    remedy: 'The model reads the reason.',
  },
  'tool.not-a-file': {
    rpcCode: null,
    kind: 'client',
    title: 'a model named something that is not a regular file',
    remedy: 'The model reads the reason.',
  },
  'tool.file-too-large': {
    rpcCode: null,
    kind: 'client',
    title: 'a file that a model named is too large for the tool',
    remedy: 'The model reads the reason, and can use a command.',
  },

  // The machine.
  'machine.os': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'the operating system refused a call; the line of the log has its name as `errno`',
    remedy: 'Follow the text of the message, for example a full disk, too many processes or a protected folder.',
  },
  'machine.descriptors': {
    rpcCode: null,
    kind: 'machine',
    title: 'there are too few free file descriptors to start something new',
    remedy: 'End commands or threads, or raise the limit of open files (`ulimit -n`).',
  },
  'machine.job': {
    rpcCode: RpcCode.internal,
    kind: 'machine',
    title: 'Windows does not keep the processes of a command together, so the command does not run',
    remedy: 'The message has the number of its error; Windows 8 or later is needed.',
  },
  'machine.native-module': {
    rpcCode: null,
    kind: 'machine',
    title: 'the native module for terminals is missing, or differs from the published file',
    remedy: 'Install codexd again.',
  },
  'machine.program': {
    rpcCode: null,
    kind: 'machine',
    title: 'a program of the system is missing, or commands could replace it',
    remedy: 'Install it in a system folder that only root can change.',
  },
  'machine.scratch': {
    rpcCode: null,
    kind: 'machine',
    title: 'a file, folder or pipe of codexd cannot be made for this user alone, or belongs to somebody else',
    remedy: 'The message names it: make this user its owner, remove it, or choose another folder.',
  },
  'machine.file': {
    rpcCode: null,
    kind: 'user',
    title:
      'a file exists but is not used: it is not a regular file, is a file of the kernel, is at another place, or is too large',
    remedy: 'Give the path of the file itself.',
  },
  'machine.contended': {
    rpcCode: null,
    kind: 'machine',
    title: 'another program holds the lock of a file, or changes the file all the time',
    remedy: 'Try again; end the program that works with the file if it does not stop.',
  },
  'machine.disk-full': {
    rpcCode: null,
    kind: 'machine',
    title: 'the disk took only a part of what was written',
    remedy: 'Free space on the disk.',
  },
  'machine.package': {
    rpcCode: null,
    kind: 'machine',
    title: 'the files of codexd are incomplete, or were replaced while it ran',
    remedy: 'Restart codexd; install it again if that does not help.',
  },
  'doctor.not-confined': {
    rpcCode: null,
    kind: 'machine',
    title: 'a command of `codexd doctor` wrote to a place that the sandbox must protect',
    remedy: 'Run no commands on this machine; report the output of `codexd doctor`.',
  },

  // The command line.
  'cli.usage': {
    rpcCode: null,
    kind: 'user',
    title: 'the command line is invalid; exit code 2',
    remedy: 'See `--help` of the command.',
  },
  'cli.start': {
    rpcCode: null,
    kind: 'user',
    title: 'the program cannot start with these settings; exit code 1',
    remedy: 'The message names the address, the file or the setting.',
  },
  'cli.exec': {
    rpcCode: null,
    kind: 'user',
    title: '`codexd exec` cannot do its task; exit code 1',
    remedy: 'The message is one line with the reason.',
  },
  'cli.input': {
    rpcCode: null,
    kind: 'user',
    title: 'an argument or the piped text cannot be used; exit code 1',
    remedy: 'The message names the argument and what it may be.',
  },

  // All other errors.
  unexpected: {
    rpcCode: null,
    kind: 'bug',
    title: 'an unexpected error; the line of the log has the stack',
    remedy: 'Report the lines of the log.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type Code = keyof typeof CODES;

export const rowOf = (code: Code): ErrorRow => CODES[code];
