/** The requests of the client that the state of the console needs; tests replace it with an object. */
import type { Client } from '../../typescript/browser.js';

export type Server = Pick<
  Client,
  'request' | 'onNotification' | 'onEveryNotification' | 'onRequest' | 'resumeThread' | 'lastSequence'
>;
