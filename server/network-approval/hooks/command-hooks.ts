/**
 * The hooks of one command's policy: which hosts they cover, and which hook a request matches (docs/protocol/network.md
 * §3.10).
 *
 * Threat: a request to a covered host that no hook allows reaches it, by another spelling, another port, another
 * protocol, or a connection whose inside nobody reads.
 * Rule: a covered host is covered on every port. A request matches a hook in every condition or not at all; the first
 * hook that matches, by name, is the one that counts; without one the request is refused. A connection that cannot be
 * read is refused (decide.ts).
 * Non-scope: a host that is reached under another name or by its address, which the policy allows by itself.
 */
import type { HookCondition, MitmHook } from '../../config/permissions/mitm-hooks.js';
import { patternOf } from '../../config/permissions/mitm-hooks.js';
import { compilePattern } from '../../config/permissions/hook-pattern.js';
import { policyError } from '../../errors/network-errors.js';
import { canonicalWrittenHost, type Host, type Target } from '../decide/targets.js';
import type { RequestHead } from '../proxy/http/request-head.js';
import { readySigning } from './aws-signing.js';
import { readySubstitution } from './body-substitution.js';
import { changedRequest, type AskedRequest, type Prepared, type ReadyActions } from './changed-request.js';
import { createBodyRoom } from './held-body.js';
import { endToEnd } from './request-headers.js';
import { queryValues, requestPath } from './request-path.js';
import { injectedValue, type SecretEnvironment } from './secrets.js';

/** The hooks of one command, ready for its requests. */
export interface CommandHooks {
  /** Null: no hook covers the host. `denied`: one does, and none matches. */
  judge(head: RequestHead, target: Target, path: string): HookMatch | 'denied' | null;
}

export interface HookMatch {
  readonly hook: string;
  /** The request as it goes to the upstream. Reads the body of the client where an action needs it. */
  prepare(asked: AskedRequest): Promise<Prepared>;
}

/** The canonical hosts that the hooks cover. Throws `network.policy`. */
export function hookedHosts(hooks: readonly MitmHook[]): ReadonlySet<string> {
  return new Set(hooks.map((hook) => hostOf(hook).text));
}

function hostOf(hook: MitmHook): Host {
  const host = canonicalWrittenHost(hook.host);
  if (host === null) throw policyError(`invalid network.mitm.hooks.${hook.name}.host: \`${hook.host}\` is no host`);
  return host;
}

/** Reads the secrets. Throws `network.policy`. */
export async function createCommandHooks(
  hooks: readonly MitmHook[],
  environment: SecretEnvironment,
): Promise<CommandHooks> {
  const hosts = hookedHosts(hooks);
  const compiled = await Promise.all(hooks.map((hook) => compile(hook, environment)));
  const room = createBodyRoom();
  return {
    judge(head, target, path) {
      if (!hosts.has(target.host.text)) return null;
      const found = compiled.find((hook) => hook.matches(head, target, path));
      if (found === undefined) return 'denied';
      const { actions, name } = found;
      if (actions.substitution !== null && actions.substitution.port !== target.port) return 'denied';
      return { hook: name, prepare: (asked) => changedRequest(asked, actions, room) };
    },
  };
}

interface CompiledHook {
  readonly name: string;
  readonly actions: ReadyActions;
  matches(head: RequestHead, target: Target, path: string): boolean;
}

type Test = (text: string) => boolean;

async function compile(hook: MitmHook, environment: SecretEnvironment): Promise<CompiledHook> {
  const inject = await Promise.all(
    hook.inject.map(async (header) => ({ name: header.name, value: await injectedValue(header, environment) })),
  );
  const { substitution, signing } = hook;
  const actions = {
    changes: { strip: hook.strip, inject },
    substitution: substitution === null ? null : await readySubstitution(substitution, environment),
    signing: signing === null ? null : await readySigning(signing, environment),
  };
  const host = hostOf(hook).text;
  const methods = new Set(hook.methods);
  const paths = hook.paths.map(pathTest);
  const query = hook.query.map(condition);
  const headers = hook.headers.map(condition);
  return {
    name: hook.name,
    actions,
    matches(head, target, path) {
      if (target.host.text !== host || (hook.ports.length > 0 && !hook.ports.includes(target.port))) return false;
      const read = requestPath(path);
      if (read === null || !methods.has(head.method)) return false;
      // Both spellings: a pattern that leaves a letter out must not pass its escape.
      if (!paths.some((test) => test(read.written) && test(read.plain))) return false;
      const sent = endToEnd(head.headers);
      return (
        query.every(({ name, test }) => isOne(queryValues(read.query, name), test)) &&
        headers.every(({ name, test }) => isOne(valuesOf(sent, name), test))
      );
    },
  };
}

const valuesOf = (headers: RequestHead['headers'], name: string): readonly string[] =>
  headers.filter(({ key }) => key === name).map(({ value }) => value);

/** A value that is there twice is read in two ways. */
const isOne = (values: readonly string[] | null, test: Test): boolean =>
  values !== null && values.length === 1 && test(values[0] ?? '');

/** A server that joins slashes reads another path than a pattern counts; below a prefix it stays. */
function pathTest(entry: string): Test {
  const { isPattern, text } = patternOf(entry);
  if (!isPattern) return (path) => path.startsWith(text);
  const matches = compilePattern(text, '/');
  return (path) => !path.includes('//') && matches(path);
}

function condition({ name, values }: HookCondition): { readonly name: string; readonly test: Test } {
  const tests = values.map((entry): Test => {
    const { isPattern, text } = patternOf(entry);
    return isPattern ? compilePattern(text, null) : (value) => value === text;
  });
  return { name, test: tests.length === 0 ? () => true : (value) => tests.some((test) => test(value)) };
}
