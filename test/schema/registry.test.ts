import t from 'tap';
import { clientRequests } from '../../schema/client-requests.js';
import { serverNotifications } from '../../schema/server-notifications.js';
import { serverRequests } from '../../schema/server-requests.js';
import type {
  ClientParams,
  NotificationParams,
  RequestParams,
  RequestResult,
  ServerRequestResult,
} from '../../schema/registry.js';

/** Fails to compile when A and B are not the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(proof: Same<A, B>): boolean => proof;

t.test('types derive from the schemas: written, read and sent forms', async (t) => {
  type Exec = RequestParams<'command/exec'>;
  t.ok(same<Exec['command'], string[]>(true), 'a required member');
  t.ok(same<Exec['tty'], boolean>(true), 'a default is filled in');
  t.ok(same<Exec['timeoutMs'], number | null>(true), 'what may be left out is null');
  t.ok(same<Exec['env'], Record<string, string | null> | null>(true));
  t.ok(same<undefined extends RequestParams<'process/spawn'>['timeoutMs'] ? true : false, true>(true), 'absence kept');
  t.ok(same<RequestParams<'configRequirements/read'>, null>(true), 'no params');
  t.ok(same<null extends RequestParams<'account/usage/read'> ? true : false, true>(true), 'optional params');

  const sent: ClientParams<'command/exec'> = { command: ['true'], sandboxPolicy: { type: 'workspaceWrite' } };
  t.ok(sent, 'a client may leave out what has a default, nested too');
  // @ts-expect-error `command` is required
  const short: ClientParams<'command/exec'> = {};
  // @ts-expect-error not a word of this union
  const wrong: ClientParams<'command/exec'> = { command: [], sandboxPolicy: { type: 'open' } };
  t.ok(short && wrong);

  const result: RequestResult<'command/exec'> = { exitCode: 0, stdout: '', stderr: '' };
  t.ok(result, 'our additions are optional');
  // @ts-expect-error what is always written must be given, null included
  const exited: NotificationParams<'process/exited'> = { processHandle: 'h', exitCode: 0 };
  t.ok(exited);
  type Decision = ServerRequestResult<'item/fileChange/requestApproval'>['decision'];
  t.ok(same<Decision, 'accept' | 'acceptForSession' | 'decline' | 'cancel'>(true));
  type Item = NotificationParams<'item/completed'>['item'];
  t.ok(same<Extract<Item, { type: 'plan' }>['text'], string>(true), 'unions are told apart by their tag');
});

t.test('the registry contains the complete protocol', async (t) => {
  t.equal(Object.keys(clientRequests).length, 192);
  t.equal(Object.keys(serverRequests).length, 11);
  t.equal(Object.keys(serverNotifications).length, 89);
});

t.test('each type name is used once across all files', async (t) => {
  const seen = new Map<string, unknown>();
  const visit = (node: { $id?: string; parts: readonly { $id?: string; parts: readonly unknown[] }[] }): void => {
    if (node.$id !== undefined) {
      const known = seen.get(node.$id);
      if (known === node) return;
      t.equal(known, undefined, `${node.$id} is one type`);
      seen.set(node.$id, node);
    }
    (node.parts as (typeof node)[]).forEach(visit);
  };
  for (const { params, result } of [...Object.values(clientRequests), ...Object.values(serverRequests)]) {
    if (params !== null) visit(params);
    visit(result);
  }
  Object.values(serverNotifications).forEach((params) => visit(params));
  t.ok(seen.size > 900);
});
