/**
 * remoteControl/* (docs/protocol/services.md §13): control over the vendor's servers, for accounts that codexd does not
 * have. It is always off; the refusals are those of the official program without such an account.
 */
import os from 'node:os';
import { invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { installationId } from '../../sessions/model/installation-id.js';

export interface RemoteControlDeps {
  readonly codexHome: string;
}

export const remoteControlMethods = defineMethods(({ codexHome }: RemoteControlDeps) => ({
  'remoteControl/status/read': () => ({
    status: 'disabled',
    serverName: os.hostname(),
    installationId: installationId(codexHome),
    environmentId: null,
  }),
  'remoteControl/enable': () => refuse(),
  'remoteControl/disable': () => refuse(),
  'remoteControl/client/list': () => refuse(),
  'remoteControl/client/revoke': () => refuse(),
  'remoteControl/pairing/start': () => {
    throw invalidRequest('remote control pairing requires remote control to be enabled');
  },
  'remoteControl/pairing/status': ({ pairingCode, manualPairingCode }) => {
    if (pairingCode === null && manualPairingCode === null) {
      throw invalidRequest('remoteControl/pairing/status requires pairingCode or manualPairingCode');
    }
    return refuse();
  },
}));

function refuse(): never {
  throw invalidRequest('remote control requires ChatGPT authentication');
}
