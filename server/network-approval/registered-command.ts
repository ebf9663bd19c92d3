/**
 * One command that is registered: its connections, its decisions, its denial.
 *
 * Threat: a denial is lost in a race with the command's end, or reported twice; something of an ended command is
 * served. Rule: the first denial is recorded once, and the first `finish` returns it. `cutOff` closes every connection,
 * and nothing is admitted afterwards. Scope: what happens to the requests of one command. Non-scope: which command a
 * connection belongs to (lanes/lanes.ts), and what a policy allows (decide/decide.ts).
 */
import { randomUUID } from 'node:crypto';
import type net from 'node:net';
import type { NetworkPolicy } from '../config/permissions/network-policy.js';
import type { NetworkRules } from '../config/rules/rule-set.js';
import { describe } from '../errors/describe.js';
import { fault } from '../errors/fault.js';
import type { Logger } from '../log/log.js';
import type { DecisionLog } from './audit/decision-log.js';
import { CommandQuestions, type Ask } from './command-questions.js';
import { decide, type AccessRequest } from './decide/decide.js';
import { denialOf } from './decide/denial-messages.js';
import type { Endpoint } from './decide/judge-addresses.js';
import type { Resolvers } from './decide/resolve.js';
import type { Target } from './decide/targets.js';
import { decisionContexts } from './decision-context.js';
import { createDecisionRecord, type RecordDecision } from './decision-record.js';
import type { CommandHooks } from './hooks/command-hooks.js';
import { awsVariables } from './hooks/aws-variables.js';
import { secretVariables } from './hooks/secrets.js';
import type { LaneTurn } from './lanes/lane-turn.js';
import { RESOLVER_ADDRESS } from './lanes/transparent-places.js';
import type { ReadyInterceptor } from './lazy-interceptor.js';
import { serveHttp } from './proxy/protocols/http-proxy.js';
import { serveSocks } from './proxy/protocols/socks5.js';
import type { CommandPort, Outcome } from './proxy/upstream/command-port.js';
import { createPool, type Pool } from './proxy/upstream/pool.js';
import type { Trust } from './proxy/upstream/trust.js';
import type { transparentHandlers } from './transparent/index.js';
import type { Answerer } from '../rpc/connection/open-questions.js';
import { upstreamProxyFor, type Environment } from './proxy/upstream/upstream-proxy.js';
import { proxyEnvironment, quietDefaults } from './proxy-environment.js';
import type { CommandOwner, NetworkDenial } from './registration/denial.js';
import type { LaneLease, RegisterOptions, Registration } from './registration/registration.js';

/** The parts of the service that one command uses. */
export interface CommandOptions {
  readonly log: Logger;
  readonly decisionLog: DecisionLog;
  /** Absent: no prompts, so requests that need one are refused. */
  readonly ask?: Ask;
  /** The current content of the rules files, applied over every policy. Absent: nothing. */
  readonly ruleFiles?: () => NetworkRules;
  /** The daemon's own TCP listeners: no policy lets a command reach them. */
  readonly ownEndpoints?: () => readonly Endpoint[];
  /**
   * The source of HTTP_PROXY, HTTPS_PROXY and NO_PROXY of `allow_upstream_proxy`, and of the bundle of further roots
   * (upstream/trust.ts). The daemon's own environment by default.
   */
  readonly environment?: Environment;
}

/** Concurrent connections of one command. Each may use a second one upstream. */
const MAX_CONNECTIONS = 256;

/**
 * The abort reason after a command's end. Created once: a DOMException for each command, with its stack, costs 0.1 ms.
 */
const ENDED = new Error('the command has ended');

/** The reason of an aborted registration. `finish` returns the denial itself. */
const DENIED = new Error('the command was denied a network request');

/** The key by which lanes and lookups are shared: a connection, or a thread. */
export const ownerKey = (owner: CommandOwner): string =>
  owner.kind === 'thread' ? `thread ${owner.threadId}` : `connection ${owner.connectionId}`;

/** Shared by all commands of one service. */
export interface Shared {
  readonly proxiedBytes: ProxiedBytes;
  readonly trust: Trust;
  readonly resolvers: Resolvers;
}

export interface ProxiedBytes {
  sent: number;
  received: number;
}

/** One registered command. */
export class RegisteredCommand implements Registration {
  readonly id = randomUUID();
  readonly #request: RegisterOptions;
  readonly #options: CommandOptions;
  readonly #proxiedBytes: ProxiedBytes;
  readonly #forget: () => void;
  readonly #controller = new AbortController();
  /** Aborted when the command has ended: nothing of it is served any more. */
  readonly #ended = new AbortController();
  /** Aborted when the command has ended or is ending: its prompts are withdrawn. */
  readonly #unwanted = new AbortController();
  readonly #context: ReturnType<typeof decisionContexts> | null;
  readonly #sockets = new Set<net.Socket>();
  /** Open connections to the proxy, and the octets of those that are closed. */
  readonly #clientSockets = new Set<net.Socket>();
  readonly #closedBytes: ProxiedBytes = { sent: 0, received: 0 };
  readonly #pool: Pool;
  readonly #questions: CommandQuestions;
  readonly #record: RecordDecision;
  #clients = 0;
  #turn: LaneTurn | null = null;
  #lane: Registration['lane'] = null;
  #denial: NetworkDenial | null = null;

  /** Throws `network.policy`. */
  constructor(request: RegisterOptions, options: CommandOptions, shared: Shared, forget: () => void) {
    this.#request = request;
    this.#options = options;
    this.#proxiedBytes = shared.proxiedBytes;
    this.#pool = createPool(shared.trust);
    this.#forget = forget;
    const { decisionLog, log, ask } = options;
    this.#questions = new CommandQuestions({
      registrationId: this.id,
      request,
      ask,
      unwanted: this.#unwanted.signal,
      log,
    });
    this.#record = createDecisionRecord({ registrationId: this.id, request, decisionLog, log });
    this.#context =
      request.policy === null
        ? null
        : decisionContexts(request.policy, {
            ruleFiles: options.ruleFiles,
            resolver: shared.resolvers(ownerKey(request.owner), this.#ended.signal),
            ask: (asked, work) => this.#questions.ask(asked, work),
            mayAsk: (work) => this.#questions.mayAsk(work),
            ownEndpoints: options.ownEndpoints ?? (() => []),
          });
  }

  /** Open prompts of a connection's command; a thread's are not counted here. */
  get ownQuestions(): number {
    return this.#request.owner.kind === 'connection' ? this.#questions.size : 0;
  }

  get lane(): Registration['lane'] {
    return this.#lane;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  traffic(): ProxiedBytes {
    const sum = { ...this.#closedBytes };
    for (const { bytesRead, bytesWritten } of this.#clientSockets) {
      sum.sent += bytesRead;
      sum.received += bytesWritten;
    }
    return sum;
  }

  claim(contains: (pid: number) => boolean): void {
    this.#turn?.claim?.(contains);
  }

  watchPrompts(watcher: (open: boolean) => void): () => void {
    return this.#questions.watch(watcher);
  }

  /**
   * Starts to accept connections. `transparent`: makes what a lane for `transparent_tcp` needs; null for others.
   * `hooks`: those of the policy, with their secrets.
   */
  enter(
    turn: LaneTurn,
    policy: NetworkPolicy,
    interceptor: ReadyInterceptor | null,
    transparent: typeof transparentHandlers | null,
    hooks: CommandHooks | null,
  ): void {
    this.#turn = turn;
    const { enter, networkNamespace, httpPort, socksPort } = turn;
    const aws = awsVariables(policy.hooks, this.#options.environment ?? process.env);
    const environment = { ...proxyEnvironment(policy, turn, interceptor?.files.bundle ?? null), ...aws.given };
    const withheld = [...secretVariables(policy.hooks), ...aws.withheld].filter(
      (name) => !Object.hasOwn(aws.given, name),
    );
    const trusted = interceptor === null ? {} : { readable: [interceptor.files.bundle], roots: interceptor.files };
    const ports = [httpPort, socksPort];
    const names = turn.transparent === undefined ? {} : { names: this.#names() };
    const variables = { environment, withheld, defaults: quietDefaults() };
    const prepared = turn.lane === undefined ? {} : { prepared: turn.lane };
    this.#lane = { enter, networkNamespace, ...prepared, ports, ...variables, ...trusted, ...names };
    const port = this.#port(interceptor, hooks);
    turn.accept(
      (socket) => serveHttp(socket, port),
      // A lane has the port whatever the policy says, and a program can find it.
      (socket) => (policy.enableSocks5 ? serveSocks(socket, port) : socket.resetAndDestroy()),
      transparent?.(port, turn.transparent?.ipv6 === true),
    );
  }

  finish({ treeGone }: { readonly treeGone: boolean }): NetworkDenial | null {
    this.cutOff();
    this.#turn?.end({ reusable: treeGone });
    this.#turn = null;
    const denial = this.#denial;
    this.#denial = null;
    return denial;
  }

  /** Closes every connection and withdraws every open prompt. Admits nothing afterwards. */
  cutOff(): void {
    this.#ended.abort(ENDED);
    this.#unwanted.abort(ENDED);
    for (const socket of this.#sockets) socket.destroy();
    this.#options.decisionLog.settle(this.id);
    this.#forget();
  }

  #names(): NonNullable<LaneLease['names']> {
    return { server: RESOLVER_ADDRESS, addresses: this.#context?.(null).rules.allowedAddresses ?? [] };
  }

  #port(interceptor: ReadyInterceptor | null, hooks: CommandHooks | null): CommandPort {
    return {
      pool: this.#pool,
      interceptFor: (target) =>
        interceptor !== null && this.#needsInterception(target) ? (stream) => interceptor.intercept(stream) : null,
      hooks,
      decide: (request) => this.#decide(request),
      denies: () => {
        const context = this.#context?.(null);
        return context !== undefined && (context.rules.denies || context.hooked.size > 0);
      },
      via: (target, scheme) =>
        this.#request.policy?.allowUpstreamProxy === true
          ? upstreamProxyFor(target, scheme, this.#options.environment ?? process.env)
          : null,
      admit: (socket) => {
        this.#closeWithCommand(socket);
        // Refused connections do not count while they close.
        if (this.#clients >= MAX_CONNECTIONS || this.#ended.signal.aborted) return false;
        this.#clients++;
        this.#clientSockets.add(socket);
        socket.once('close', () => {
          this.#clients--;
          this.#clientSockets.delete(socket);
          this.#closedBytes.sent += socket.bytesRead;
          this.#closedBytes.received += socket.bytesWritten;
          this.#proxiedBytes.sent += socket.bytesRead;
          this.#proxiedBytes.received += socket.bytesWritten;
        });
        return true;
      },
      closeWithCommand: (socket) => this.#closeWithCommand(socket),
      fault: (error) =>
        this.#options.log.warn(...describe('the policy proxy failed', error, { registration: this.id })),
    };
  }

  #needsInterception({ host }: Target): boolean {
    const context = this.#context?.(null);
    return context !== undefined && (context.policy.mode === 'limited' || context.hooked.has(host.text));
  }

  #closeWithCommand(socket: net.Socket): void {
    if (this.#ended.signal.aborted) return void socket.destroy();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async #decide(request: AccessRequest): Promise<Outcome> {
    if (this.#context === null) throw fault('a command without a policy asked for a lane');
    const started = performance.now();
    // At once: by the time of the verdict, the work may be over and the next one running.
    const work = this.#request.workNow?.() ?? null;
    let answeredBy: Answerer | null = null;
    const context = this.#context(work, (answer) => (answeredBy = answer?.by ?? null));
    const verdict = await decide(request, context);
    // The log already contains the tunnel by number. A check of its names is logged only when it decides.
    if (request.byNumber === true && verdict.allowed && !this.#ended.signal.aborted)
      return { kind: 'allowed', allowed: verdict, dialled: () => {} };
    const recorded = this.#record(
      request,
      verdict,
      { owner: work?.owner ?? this.#request.owner, answeredBy },
      performance.now() - started,
    );
    // A command that has ended is neither served nor cancelled: its outcome is already reported.
    if (this.#ended.signal.aborted) return { kind: 'denied' };
    if (verdict.allowed) return { kind: 'allowed', allowed: verdict, dialled: (address) => recorded.dialled(address) };
    if (work !== null) {
      work.denied(denialOf(verdict, request.protocol));
      return { kind: 'refused', refused: verdict };
    }
    if (this.#denial !== null) return { kind: 'denied' };
    if (this.#request.onDenial === 'refuse' && verdict.endsCommand !== true)
      return { kind: 'refused', refused: verdict };
    this.#denial = denialOf(verdict, request.protocol);
    this.#controller.abort(DENIED);
    this.#unwanted.abort(ENDED);
    return { kind: 'denied' };
  }
}
