/** A connection to a server on a network lane: one request after the other, each ended by its own network denial. */
import type { Answer, McpConnection, RequestLimits } from '../shape/connection.js';
import { derivedConnection } from './derived-connection.js';
import type { ServerWorks } from './server-works.js';

export function inTurns(connection: McpConnection, works: Pick<ServerWorks, 'begin'>): McpConnection {
  const alone = async <T>(
    limits: RequestLimits,
    send: (limits: RequestLimits) => Promise<Answer<T>>,
  ): Promise<Answer<T>> => {
    const work = await works.begin(limits.work ?? null, limits.signal);
    let answered = false;
    try {
      const answer = await send({ ...limits, signal: AbortSignal.any([limits.signal, work.refused]) });
      answered = answer.ok || answer.fault.kind === 'rpc' || answer.fault.kind === 'unusable';
      // It was recorded before the server could answer.
      return work.denial === null ? answer : { ok: false, fault: { kind: 'denied', denial: work.denial } };
    } catch (error) {
      limits.signal.throwIfAborted();
      if (work.denial === null) throw error;
      return { ok: false, fault: { kind: 'denied', denial: work.denial } };
    } finally {
      if (answered) work.end();
      else void work.leave(connection.unanswered);
    }
  };
  return derivedConnection(connection, {
    call: (call, limits) => alone(limits, (within) => connection.call(call, within)),
    page: (of, cursor, limits) => alone(limits, (within) => connection.page(of, cursor, within)),
    readResource: (uri, limits) => alone(limits, (within) => connection.readResource(uri, within)),
  });
}
