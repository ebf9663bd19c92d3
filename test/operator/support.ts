import type { Caller } from '../../server/rpc/connection/caller.js';
import type { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { type Observation } from '../../server/exec/observe/observed-commands.js';
import type { CommandEnd, CommandSpec, RunningCommand } from '../../server/exec/start/command.js';
import { UNRESTRICTED } from '../../server/exec/start/permissions.js';
import type { Registration } from '../../server/network-approval/registration/registration.js';

export interface FakeClient {
  readonly caller: Caller;
  readonly sent: (readonly [method: string, params: unknown])[];
  /** Lets `drained` resolve. */
  drain(): void;
  leave(): void;
}

/** A client; `slow`: it reads nothing until `drain`. */
export function fakeClient(connectionId: number, options: { operator?: boolean; slow?: boolean } = {}): FakeClient {
  const sent: [string, unknown][] = [];
  const closed = new AbortController();
  let waiters: (() => void)[] = [];
  let { slow = false } = options;
  const caller = {
    connectionId,
    transport: 'websocket',
    client: { name: `client ${connectionId}`, version: '1', title: null },
    capabilities: options.operator === false ? {} : { extensions: { 'codexd/operator': {} } },
    closed: closed.signal,
    notify: (method: string, params: unknown) => void sent.push([method, params]),
    notifyBytes: (method: string, params: object, key: string, bytes: Buffer) =>
      void sent.push([method, { ...params, [key]: bytes.toString() }]),
    drained: () => (slow ? new Promise<void>((resolve) => waiters.push(resolve)) : Promise.resolve()),
  } as unknown as Caller;
  return {
    caller,
    sent,
    drain() {
      slow = false;
      for (const resolve of waiters.splice(0)) resolve();
      waiters = [];
    },
    leave: () => closed.abort(),
  };
}

export const commandSpec = (changes: Partial<CommandSpec> = {}): CommandSpec => {
  const sink = { push: () => undefined, full: false };
  return {
    argv: ['sh', '-c', 'true'],
    cwd: '/work',
    env: {},
    permissions: UNRESTRICTED,
    io: { kind: 'pipes', stdin: true },
    timeoutMs: null,
    owner: { kind: 'connection', connectionId: 7, requestId: 1n, processId: null },
    gone: new AbortController().signal,
    stdout: sink,
    stderr: sink,
    ...changes,
  };
};

export const registration = (id: string): Registration =>
  ({ id, lane: null, traffic: () => ({ sent: 3, received: 4 }) }) as unknown as Registration;

export interface FakeCommand {
  readonly observation: Observation;
  readonly done: string[];
  end(): void;
}

/** A running command. */
export function runCommand(observed: ReturnType<typeof createObservedCommands>, id: string): FakeCommand {
  const observation = observed.observe(commandSpec(), registration(id));
  const done: string[] = [];
  observation.started(42);
  observation.runs({
    exited: false,
    write: (data: Buffer) => (done.push(`write ${data.toString()}`), Promise.resolve()),
    resize: () => done.push('resize'),
    terminate: () => done.push('terminate'),
  } as unknown as RunningCommand);
  const end: CommandEnd = { cause: 'exit', exitCode: 0, denial: null, drainTimedOut: false };
  return { observation, done, end: () => observation.ended(end) };
}
