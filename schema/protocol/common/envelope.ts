/** The parts that every message consists of. */
import { anyOf, i64, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const RequestId = anyOf('RequestId', [text, i64]);
export type RequestId = Wire<typeof RequestId>;

export const ServerRequestResolvedNotification = struct('ServerRequestResolvedNotification', {
  threadId: text,
  requestId: RequestId,
});
export type ServerRequestResolvedNotification = Wire<typeof ServerRequestResolvedNotification>;
