/** The methods that a client can call, in a file of their own: the list is needed with the first request by hand. */
import { clientMethods } from '../../../schema/method-table.js';

export interface Method {
  readonly name: string;
  readonly params: 'required' | 'optional' | 'none';
}

export const METHODS: readonly Method[] = Object.entries(clientMethods)
  .filter(([name]) => name !== 'initialize') // the page has sent it
  .map(([name, { params }]) => ({ name, params }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
