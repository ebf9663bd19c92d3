/**
 * The service with which every command registers before it runs (docs/architecture.md). It assigns lanes to proxied
 * commands, decides about each of their requests, and ends a command after a denial by aborting its registration.
 *
 * Threat: a request is judged by another command's policy, or attributed to another command; a denial is lost in a race
 * with the command's end, or reported twice.
 * Rule: a connection belongs to the registration that its listener was assigned to, from accept to close. The first
 * denial is recorded once. The first `finish` returns it, closes every connection, and leaves nothing behind.
 */
import { describe } from '../errors/describe.js';
import { fault } from '../errors/fault.js';
import { messageOf } from '../errors/message-of.js';
import { randomUUID } from 'node:crypto';
import type net from 'node:net';
import type { NetworkPolicy } from '../config/permissions/network-policy.js';
import { NO_RULES, type RuleSet } from '../config/rules/rule-set.js';
import type { Logger } from '../log/log.js';
import type { SandboxStatus } from '../sandbox/policy/sandbox.js';
import type { Prompter } from './registration/prompter.js';
import {
  decide,
  type AccessRequest,
  type Answer,
  type DecisionContext,
  type Endpoint,
  type Verdict,
} from './decide/decide.js';
import type { DecisionLog, RecordedDecision } from './audit/decision-log.js';
import { denialOf } from './decide/denial-messages.js';
import { interceptionError } from '../errors/network-errors.js';
import type { Interceptor } from './interception/index.js';
import { createLanePool, type LaneCounts, type LanePool, type LaneTurn } from './lanes/lanes.js';
import type { CommandPort, Outcome } from './proxy/upstream/command-port.js';
import { serveHttp } from './proxy/protocols/http-proxy.js';
import { serveSocks } from './proxy/protocols/socks5.js';
import { createTrust, type Trust } from './proxy/upstream/trust.js';
import { createPool, type Pool } from './proxy/upstream/pool.js';
import { upstreamProxyFor, type Environment } from './proxy/upstream/upstream-proxy.js';
import { ownerFields } from './registration/owner-fields.js';
import { proxyEnvironment, quietDefaults } from './proxy-environment.js';
import { createSparse } from '../log/log-sparse.js';
import type { NetworkApproval, RegisterOptions, Registration } from './registration/registration.js';
import type { Work } from './registration/work.js';
import type { CommandOwner, NetworkDenial } from './registration/denial.js';
import { createResolvers, type ResolverOptions, type Resolvers } from './decide/resolve.js';
import { withRuleFiles } from './decide/rules-overlay.js';
import { compileRules } from './decide/domain-rules.js';

/** A request that no rule allows, or that is under review, of a command that may cause prompts. */
export interface Question {
  readonly registrationId: string;
  readonly owner: CommandOwner;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The recipient of the prompt; null: nobody. */
  readonly prompter: Prompter | null;
  readonly request: AccessRequest;
}

/**
 * Prompts a person or a reviewer. `signal` aborts when the command has ended or is ending, because the answer then no
 * longer matters. Resolves with null when nobody can be asked. Never runs twice at once for one command, protocol, host
 * and port.
 */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface NetworkApprovalOptions {
  readonly log: Logger;
  readonly decisionLog: DecisionLog;
  /** The probed sandbox: its bubblewrap makes the lanes. */
  readonly sandbox: { status(): Promise<SandboxStatus> };
  /** Absent: no prompts, so requests that need one are refused. */
  readonly ask?: Ask;
  /** The current content of the rules files, applied over every policy. Absent: nothing. */
  readonly ruleFiles?: () => RuleSet;
  /** The daemon's own TCP listeners: no policy lets a command reach them. */
  readonly ownEndpoints?: () => readonly Endpoint[];
  /** The folder for the files of limited mode's interception. Absent: limited mode has no tunnels. */
  readonly codexHome?: string;
  /**
   * The source of HTTP_PROXY, HTTPS_PROXY and NO_PROXY of `allow_upstream_proxy`, and of the bundle of further roots
   * (upstream/trust.ts). The daemon's own environment by default.
   */
  readonly environment?: Environment;
  /** For tests: another name resolution, another pool. */
  readonly resolver?: ResolverOptions;
  readonly lanes?: LanePool;
}

/** Concurrent connections of one command. Each may use a second one upstream. */
const MAX_CONNECTIONS = 256;

/** The numbers for /metrics. */
export interface NetworkCounts {
  readonly lanes: LaneCounts;
  /** Open prompts of commands that connections started. Those of threads are counted by the threads. */
  readonly questions: number;
  /** Octets that commands sent to the proxies and received from them, over connections that have ended. */
  readonly proxiedBytes: { readonly sent: number; readonly received: number };
}

export function createNetworkApproval(options: NetworkApprovalOptions): NetworkApproval & { counts(): NetworkCounts } {
  const { log, sandbox } = options;
  const lanes =
    options.lanes ??
    createLanePool({
      status: () => sandbox.status(),
      onTrouble: (error) => log.warn(...describe('a lane could not be made ahead of need', error)),
    });
  const live = new Set<Command>();
  const proxiedBytes: ProxiedBytes = { sent: 0, received: 0 };
  const resolvers = createResolvers(options.resolver);
  const trust = createTrust(options.environment ?? process.env);
  const interception = createInterception(options.codexHome, trust);
  return {
    async register(request) {
      const command = new Command(request, options, { proxiedBytes, trust, resolvers }, () => live.delete(command));
      // Before the lane: a policy that does not compile needs no lane.
      const { policy } = request;
      const interceptor = policy?.mode === 'limited' ? await interception.ready() : null;
      if (policy !== null) {
        const turn = await lanes.acquire({ owner: ownerKey(request.owner), signal: request.giveUp });
        command.enter(turn, policy, interceptor);
      }
      live.add(command);
      return command;
    },
    warm: () => lanes.warm(),
    counts: () => ({
      questions: [...live].reduce((sum, command) => sum + command.ownQuestions, 0),
      lanes: lanes.counts(),
      proxiedBytes: { ...proxiedBytes },
    }),
    async close() {
      for (const command of [...live]) command.cutOff();
      await lanes.close();
      await interception.close();
    },
  };
}

/**
 * The abort reason after a command's end. Created once: a DOMException for each command, with its stack, costs 0.1 ms.
 */
const ENDED = new Error('the command has ended');

/** The reason of an aborted registration. `finish` returns the denial itself. */
const DENIED = new Error('the command was denied a network request');

/** The key by which lanes and lookups are shared: a connection, or a thread. */
const ownerKey = (owner: CommandOwner): string =>
  owner.kind === 'thread' ? `thread ${owner.threadId}` : `connection ${owner.connectionId}`;

/** The interceptor for limited mode, created for the first command that needs it. */
function createInterception(codexHome: string | undefined, trust: Trust) {
  let made: Promise<Interceptor> | undefined;
  const make = async (home: string): Promise<Interceptor> =>
    (await import('./interception/index.js')).createInterceptor(home, trust);
  return {
    /** Returns null without a home. Rejects with `network.interception`; the next command tries again. */
    async ready(): Promise<(Interceptor & { readonly bundleFile: string }) | null> {
      if (codexHome === undefined) return null;
      try {
        const interceptor = await (made ??= make(codexHome));
        return { ...interceptor, bundleFile: interceptor.bundle() };
      } catch (error) {
        made = undefined;
        throw interceptionError(messageOf(error));
      }
    },
    // The caller already received the error of the creation. The next daemon removes remaining files.
    close: async () => made?.then((interceptor) => interceptor.close()).catch(() => {}),
  };
}
type ReadyInterceptor = NonNullable<Awaited<ReturnType<ReturnType<typeof createInterception>['ready']>>>;

/** Shared by all commands of one service. */
interface Shared {
  readonly proxiedBytes: ProxiedBytes;
  readonly trust: Trust;
  readonly resolvers: Resolvers;
}

interface ProxiedBytes {
  sent: number;
  received: number;
}

/** One registered command. */
class Command implements Registration {
  readonly id = randomUUID();
  readonly #request: RegisterOptions;
  readonly #options: NetworkApprovalOptions;
  readonly #proxiedBytes: ProxiedBytes;
  readonly #resolvers: Resolvers;
  readonly #forget: () => void;
  readonly #controller = new AbortController();
  /** Aborted when the command has ended: nothing of it is served any more. */
  readonly #ended = new AbortController();
  /** Aborted when the command has ended or is ending: its prompts are withdrawn. */
  readonly #unwanted = new AbortController();
  readonly #context: ((work: Work | null) => DecisionContext) | null;
  readonly #sockets = new Set<net.Socket>();
  readonly #pool: Pool;
  readonly #questions = new Map<string, Promise<Answer>>();
  readonly #watchers = new Set<(open: boolean) => void>();
  readonly #nextDenial = createSparse();
  #clients = 0;
  #turn: LaneTurn | null = null;
  #lane: Registration['lane'] = null;
  #denial: NetworkDenial | null = null;

  /** Throws `network.policy`. */
  constructor(request: RegisterOptions, options: NetworkApprovalOptions, shared: Shared, forget: () => void) {
    this.#request = request;
    this.#options = options;
    this.#proxiedBytes = shared.proxiedBytes;
    this.#resolvers = shared.resolvers;
    this.#pool = createPool(shared.trust);
    this.#forget = forget;
    this.#context = request.policy === null ? null : this.#contextFor(request.policy);
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

  watchPrompts(watcher: (open: boolean) => void): () => void {
    this.#watchers.add(watcher);
    if (this.#questions.size > 0) watcher(true);
    return () => void this.#watchers.delete(watcher);
  }

  /** Starts to accept connections. */
  enter(turn: LaneTurn, policy: NetworkPolicy, interceptor: ReadyInterceptor | null): void {
    this.#turn = turn;
    const { enter, networkNamespace } = turn;
    const environment = proxyEnvironment(policy, turn, interceptor?.bundleFile ?? null);
    const readable = interceptor === null ? [] : [interceptor.bundleFile];
    this.#lane = { enter, networkNamespace, environment, defaults: quietDefaults(), readable };
    const port = this.#port(interceptor);
    turn.accept(
      (socket) => serveHttp(socket, port),
      (socket) => serveSocks(socket, port),
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

  #port(interceptor: ReadyInterceptor | null): CommandPort {
    return {
      pool: this.#pool,
      intercept: interceptor === null ? null : (stream) => interceptor.intercept(stream),
      decide: (request) => this.#decide(request),
      denies: () => this.#context?.(null).rules.denies ?? false,
      via: (target, scheme) =>
        this.#request.policy?.allowUpstreamProxy === true
          ? upstreamProxyFor(target, scheme, this.#options.environment ?? process.env)
          : null,
      admit: (socket) => {
        this.#closeWithCommand(socket);
        // Refused connections do not count while they close.
        if (this.#clients >= MAX_CONNECTIONS || this.#ended.signal.aborted) return false;
        this.#clients++;
        socket.once('close', () => {
          this.#clients--;
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
    const verdict = await decide(request, this.#context(work));
    // The log already contains the tunnel by number. A check of its names is logged only when it decides.
    if (request.byNumber === true && verdict.allowed && !this.#ended.signal.aborted)
      return { kind: 'allowed', allowed: verdict, dialled: () => {} };
    const recorded = this.#record(request, verdict, work?.owner ?? this.#request.owner, performance.now() - started);
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

  #contextFor(policy: NetworkPolicy): (work: Work | null) => DecisionContext {
    const { ruleFiles = () => NO_RULES } = this.#options;
    let rules = NO_RULES;
    let compiled = compileRules(policy);
    const resolver = this.#resolvers(ownerKey(this.#request.owner), this.#ended.signal);
    return (work) => ({
      policy,
      get rules() {
        const now = ruleFiles();
        if (now !== rules) {
          rules = now;
          compiled = compileRules(withRuleFiles(policy, now));
        }
        return compiled;
      },
      resolver,
      ask: (request) => this.#ask(request, work),
      ownEndpoints: this.#options.ownEndpoints ?? (() => []),
    });
  }

  /** One prompt for each target, shared by all requests that wait for it (docs/protocol/network.md §4.5). */
  #ask(request: AccessRequest, work: Work | null): Promise<Answer> {
    const { ask } = this.#options;
    if (ask === undefined || this.#unwanted.signal.aborted || work?.over.aborted === true) return Promise.resolve(null);
    const key = `${work?.id ?? ''} ${request.protocol} ${request.target.host.text} ${request.target.port}`;
    const open = this.#questions.get(key);
    if (open !== undefined) return open;
    const { argv, cwd } = this.#request;
    const { owner, prompter = null } = work ?? this.#request;
    const question = { registrationId: this.id, owner, argv, cwd, prompter, request };
    const unwanted = this.#unwanted.signal;
    const answer = ask(question, work === null ? unwanted : AbortSignal.any([unwanted, work.over]))
      .catch((error: unknown) => {
        // The prompt failed, so no permission was given.
        this.#options.log.warn(
          ...describe('nobody could be asked about a network request', error, { registration: this.id }),
        );
        return { allow: false, sentence: 'approval request failed' } as const;
      })
      .finally(() => {
        this.#questions.delete(key);
        if (this.#questions.size === 0) for (const watcher of this.#watchers) watcher(false);
      });
    this.#questions.set(key, answer);
    if (this.#questions.size === 1) for (const watcher of this.#watchers) watcher(true);
    return answer;
  }

  #record(
    { protocol, method, target }: AccessRequest,
    verdict: Verdict,
    owner: CommandOwner,
    latencyMs: number,
  ): RecordedDecision {
    const { decisionLog, log } = this.#options;
    const decision = {
      at: Date.now(),
      registrationId: this.id,
      owner,
      program: this.#request.argv[0] ?? null,
      protocol,
      method,
      host: target.host.text,
      port: target.port,
      verdict: verdict.allowed ? ('allow' as const) : ('deny' as const),
      reason: verdict.allowed ? null : verdict.reason,
      rule: verdict.rule,
      source: verdict.source,
      detail: verdict.allowed ? null : verdict.detail,
      latencyMs,
      policyRevision: this.#request.policy?.revision ?? '',
    };
    log.debug('network decision', { ...decision });
    const number = verdict.allowed ? null : this.#nextDenial();
    if (number !== null) {
      const { program, host, port, reason, rule, source } = decision;
      const about = { command: this.id, ...ownerFields(decision.owner), program, protocol, host, port };
      log.info('network request denied', { ...about, reason, rule, source, denials: number });
    }
    return decisionLog.record(decision);
  }
}
