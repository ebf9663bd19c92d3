import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import { parseField, type Header } from '../../../server/network-approval/proxy/http/request-head.js';

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
  substitution: null,
  signing: null,
  ...changes,
});

/** Lines as headers. */
export const headersOf = (...lines: readonly string[]): readonly Header[] =>
  lines.map((line) => {
    const header = parseField(line);
    if (header === null) throw new Error(`no header: ${line}`);
    return header;
  });
