/** server/diagnostics and mock/experimentalMethod (docs/protocol/services.md §13): the state of the process. */
import type { ServerDiagnosticsGauge } from '../../../schema/protocol/common/diagnostics.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export interface DiagnosticDeps {
  /** Gauges by name. Those that are 0 are left out, as in the official program. */
  readonly gauges: () => Readonly<Record<string, number>>;
}

export const diagnosticMethods = defineMethods(({ gauges }: DiagnosticDeps) => ({
  'server/diagnostics': () => ({
    process: {
      id: process.pid,
      residentMemoryBytes: process.memoryUsage.rss(),
      // A measure of macOS alone, for which Node has no function.
      physicalFootprintBytes: null,
    },
    gauges: Object.entries(gauges()).flatMap(([name, value]): ServerDiagnosticsGauge[] =>
      value === 0 ? [] : [{ name, value }],
    ),
  }),
  /** The method with which clients test their capability `experimentalApi`. */
  'mock/experimentalMethod': ({ value }) => ({ echoed: value }),
}));
