/** The official SDK's protocol layer, as a client that takes servers as they are. */
import { Protocol, type BaseContext, type JSONRPCResponse, type StandardSchemaV1 } from '@modelcontextprotocol/client';
import type { JsonObject } from '../shape/connection.js';
import { isObject } from '../../../system/node/objects.js';

/**
 * The SDK's own client refuses servers of versions that it does not know, and results with members that it does not
 * know. This one checks what is used, and nothing else: the handshake is handshake.ts, results are read by `shaped`.
 */
export class ServerProtocol extends Protocol<BaseContext> {
  protected override buildContext(context: BaseContext): BaseContext {
    return context;
  }
  // Many servers forget to say what they can do: whether a request is understood is the server's answer.
  protected override assertCapabilityForMethod(): void {}
  protected override assertNotificationCapability(): void {}
  protected override assertRequestHandlerCapability(): void {}
  // The SDK makes errors of its own of some codes, with other codes and without some of the data.

  protected override _onresponse(response: JSONRPCResponse): void {
    const given = 'error' in response ? { ...response, error: wrapped(response.error) } : response;
    // eslint-disable-next-line no-underscore-dangle -- the SDK's name
    super._onresponse(given);
  }
}

const wrapped = (error: { readonly message: string }) => ({
  code: WIRE_ERROR,
  message: error.message,
  data: { ...error },
});

/** The code of an error whose data is the error as the server sent it. */
export const WIRE_ERROR = 1;

/** A check as the SDK takes them. `read`: null for a value of another shape. */
export function shaped<T>(read: (value: unknown) => T | null): StandardSchemaV1<unknown, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'codexd',
      validate(value) {
        const found = read(value);
        return found === null ? { issues: [{ message: 'it has another shape' }] } : { value: found };
      },
    },
  };
}

/** The objects of a list; null: it is no list of objects. */
export function objectsOf(value: unknown): readonly JsonObject[] | null {
  return Array.isArray(value) && value.every(isObject) ? value : null;
}

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
