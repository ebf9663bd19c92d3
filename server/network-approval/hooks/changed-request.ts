/**
 * A request that a hook allows, as its actions change it: headers first, then secrets in the body, then the signature
 * over all of it.
 *
 * Threat: a change that the action promises and the upstream does not get; a body that is read a second time as the
 * next request.
 * Rule: an action applies completely, or the request is refused. `isRead` says that the client's body is gone.
 * Non-scope: which request an action is for (command-hooks.ts).
 */
import type { Target } from '../decide/targets.js';
import { upstreamHeaders } from '../proxy/http/headers.js';
import type { ClientEnd } from '../proxy/http/client-end.js';
import type { Header, RequestHead } from '../proxy/http/request-head.js';
import { meantRequest, signatureFields, signsBody, type ReadySigning } from './aws-signing.js';
import { substituted, substitutionProblem, type ReadySubstitution } from './body-substitution.js';
import { heldBody, shareOf, type BodyRoom } from './held-body.js';
import { changedHeaders, endToEnd, keptTrailers, type HeaderChanges } from './request-headers.js';
import { requestPath } from './request-path.js';

/** What the actions of one hook do, with their secrets. */
export interface ReadyActions {
  readonly changes: HeaderChanges;
  readonly substitution: ReadySubstitution | null;
  readonly signing: ReadySigning | null;
}

export interface AskedRequest {
  readonly head: RequestHead;
  readonly target: Target;
  readonly path: string;
  readonly client: Pick<ClientEnd, 'body' | 'trailers' | 'inform'>;
}

export interface ChangedRequest {
  readonly kind: 'changed';
  readonly head: RequestHead;
  /** In place of the client's; null: the client's own continues. */
  readonly body: Buffer | null;
  /** What of the fields behind the body continues. */
  trailers(fields: readonly Header[]): readonly Header[];
  /** The request is over: its body needs no more room. */
  release(): void;
}

export type Prepared =
  | ChangedRequest
  /** `detail`: for the decision log, without anything of the request's own. */
  | { readonly kind: 'refused'; readonly detail: string; readonly isRead: boolean }
  /** Not for the policy to say: the client broke off, or has too many bodies on the way. */
  | { readonly kind: 'failed'; readonly why: 'no-room' | 'broken' };

/** Reads the client's body where an action needs it. Refuses what an action cannot be applied to. */
export async function changedRequest(asked: AskedRequest, actions: ReadyActions, room: BodyRoom): Promise<Prepared> {
  const { head, target, path, client } = asked;
  const { changes, substitution, signing } = actions;
  const headers = changedHeaders(head.headers, changes);
  const kept = (fields: readonly Header[]): readonly Header[] => keptTrailers(fields, changes);
  if (substitution === null && signing === null) return changed({ ...head, headers }, null, kept);
  const refused = (detail: string, isRead = false) => ({ kind: 'refused', detail, isRead }) as const;
  const sent = endToEnd(head.headers);
  const problem = substitution === null ? null : substitutionProblem([...sent, ...headers]);
  if (problem !== null) return refused(`no substitution: ${problem}`);
  const { query = null, written = path } = requestPath(path) ?? {};
  const meant = signing === null ? null : meantRequest(sent, query, signing);
  if (typeof meant === 'string') return refused(`no signature: ${meant}`);
  const signs = signing !== null && meant !== null;
  if (signs && target.port !== signing.port) return refused('no signature: another port');
  if (signs && head.headers.some(({ key }) => key === 'trailer')) return refused('no signature: it announces trailers');
  const isHeld = head.body.kind !== 'none' && (substitution !== null || (signs && signsBody(headers)));
  const share = shareOf(room);
  const giveUp = (answer: Prepared): Prepared => {
    share.release();
    return answer;
  };
  let body: Buffer | null = null;
  if (isHeld) {
    if (head.expectContinue) client.inform(100, []); // who waits for it sends nothing before
    const limit = Math.min(...[substitution, signs ? signing : null].map((one) => one?.maxBody ?? Infinity));
    const read = await heldBody(client, head.body, limit, share);
    if (read === 'too-long') return giveUp(refused('the body is too long', true));
    if (typeof read === 'string') return giveUp({ kind: 'failed', why: read });
    if (client.trailers().length > 0) return giveUp(refused('the body has trailers', true));
    const made = substitution === null ? read : await substituted(read, substitution);
    if (typeof made === 'string') return giveUp(refused(`no substitution: ${made}`, true));
    if (made.length > limit) return giveUp(refused('the body is too long', true));
    if (made !== read && !share.take(made.length)) return giveUp({ kind: 'failed', why: 'no-room' });
    body = made;
  }
  const framed: RequestHead = { ...head, headers, ...(body === null ? {} : framedBy(body, headers)) };
  if (!signs) return changed(framed, body, body === null ? kept : noTrailers, share.release);
  const destination = { target, scheme: 'https', path } as const;
  const outgoing = upstreamHeaders(framed.headers, destination, false);
  const fields = signatureFields(
    { method: head.method, path: written, query, headers: outgoing, body },
    meant,
    signing,
  );
  if (typeof fields === 'string') return giveUp(refused(`no signature: ${fields}`, isHeld));
  const signed = changedHeaders(framed.headers, { strip: ['x-amz-security-token'], inject: fields });
  return changed({ ...framed, headers: signed }, body, noTrailers, share.release);
}

const noTrailers = (): readonly Header[] => [];

function changed(
  head: RequestHead,
  body: Buffer | null,
  trailers: ChangedRequest['trailers'],
  release: () => void = () => {},
): ChangedRequest {
  return { kind: 'changed', head, body, trailers, release };
}

/** The whole body is here, so its length is known. */
function framedBy(body: Buffer, headers: readonly Header[]): Pick<RequestHead, 'headers' | 'body'> {
  const length: Header = { name: 'Content-Length', key: 'content-length', value: String(body.length) };
  return {
    headers: [...headers.filter(({ key }) => key !== 'content-length' && key !== 'transfer-encoding'), length],
    body: { kind: 'length', length: body.length },
  };
}
