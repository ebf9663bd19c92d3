/**
 * The vendor's catalogue and shared plugins (docs/protocol/services.md §10 "Vendor's service"). They need a login
 * there, which codexd does not have: the answer is that of the official program without one.
 */
import { invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

/** `step`: what was tried, in the official program's words. */
export const noCatalogue = (step: string): RpcError =>
  invalidRequest(`${step}: chatgpt authentication required for remote plugin catalog`);

export const vendorCatalogueMethods = defineMethods(() => ({
  'plugin/skill/read': () => {
    throw noCatalogue('read remote plugin skill details');
  },
  'plugin/share/save': () => {
    throw noCatalogue('save remote plugin share');
  },
  'plugin/share/updateTargets': () => {
    throw noCatalogue('update remote plugin share targets');
  },
  'plugin/share/list': () => {
    throw noCatalogue('list remote plugin shares');
  },
  'plugin/share/checkout': () => {
    throw noCatalogue('checkout plugin share');
  },
  'plugin/share/delete': () => {
    throw noCatalogue('delete remote plugin share');
  },
}));
