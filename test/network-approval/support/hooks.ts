import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';

/** A hook of `ok.test`: GET and POST below /repo/. */
export const hookOf = (changes: Partial<MitmHook> = {}): MitmHook => ({
  name: 'reads',
  host: 'ok.test',
  ports: [],
  methods: ['GET', 'POST'],
  paths: ['/repo/'],
  query: [],
  headers: [],
  strip: ['authorization'],
  inject: [],
  ...changes,
});
