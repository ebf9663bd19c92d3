/** Requests to a server, and what becomes of them: a result, or a fault; only an abort rejects. */
import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type Progress,
  type StandardSchemaV1,
} from '@modelcontextprotocol/client';
import { messageOf } from '../../../errors/message-of.js';
import type { Answer, Fault, JsonObject, RequestLimits } from '../shape/connection.js';
import { isObject } from '../../../system/node/objects.js';
import { Unauthorized } from './authorized-fetch.js';
import { WIRE_ERROR, type ServerProtocol } from './protocol.js';

export interface Asked<T> {
  readonly method: string;
  readonly params: JsonObject;
  readonly result: StandardSchemaV1<unknown, T>;
  readonly onProgress?: ((message: string) => void) | null;
}

export async function ask<T>(
  protocol: ServerProtocol,
  { method, params, result, onProgress = null }: Asked<T>,
  { timeoutMs, signal }: RequestLimits,
): Promise<Answer<T>> {
  signal.throwIfAborted();
  const onprogress = (progress: Progress): void => onProgress?.(progressText(progress));
  try {
    const found = await protocol.request({ method, params: { ...params } }, result, {
      timeout: timeoutMs,
      signal,
      ...(onProgress === null ? {} : { onprogress }),
    });
    return { ok: true, result: found as T };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, fault: faultOf(error, timeoutMs) };
  }
}

/** Many servers send only numbers. */
function progressText({ message, progress, total }: Progress): string {
  if (message !== undefined && message !== '') return message;
  return total === undefined ? String(progress) : `${progress} of ${total}`;
}

/** `ms`: the time that the request had. */
export function faultOf(error: unknown, ms: number): Fault {
  if (error instanceof ProtocolError) {
    const { code, message, data } = wireError(error);
    return { kind: 'rpc', code, message, data };
  }
  if (error instanceof Unauthorized) return { kind: 'unauthorized', challenge: error.challenge };
  if (error instanceof SdkError) {
    if (error.code === SdkErrorCode.RequestTimeout) return { kind: 'timeout', ms };
    if (CLOSED.has(error.code)) return { kind: 'closed' };
    if (error.code === SdkErrorCode.InvalidResult) return { kind: 'unusable' };
  }
  return { kind: 'other', message: messageOf(error) };
}

function wireError({ code, message, data }: ProtocolError): Omit<Fault & { readonly kind: 'rpc' }, 'kind'> {
  if (code !== Number(WIRE_ERROR) || !isObject(data) || typeof data.code !== 'number') return { code, message, data };
  return { code: data.code, message, data: data.data };
}

const CLOSED: ReadonlySet<SdkErrorCode> = new Set([
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.SendFailed,
]);
