/** Methods that inspect the server itself. */
import { list, nullish, optional, struct, text, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const MockExperimentalMethodParams = struct('MockExperimentalMethodParams', {
  value: optional(text),
});
export type MockExperimentalMethodParams = Wire<typeof MockExperimentalMethodParams>;

export const MockExperimentalMethodResponse = struct('MockExperimentalMethodResponse', {
  echoed: nullish(text),
});
export type MockExperimentalMethodResponse = Wire<typeof MockExperimentalMethodResponse>;

export const ServerDiagnosticsGauge = struct('ServerDiagnosticsGauge', {
  name: text,
  value: u64,
});
export type ServerDiagnosticsGauge = Wire<typeof ServerDiagnosticsGauge>;

export const ServerDiagnosticsParams = struct('ServerDiagnosticsParams', {});
export type ServerDiagnosticsParams = Wire<typeof ServerDiagnosticsParams>;

export const ServerDiagnosticsProcess = struct('ServerDiagnosticsProcess', {
  id: u32,
  residentMemoryBytes: nullish(u64),
  physicalFootprintBytes: nullish(u64),
});
export type ServerDiagnosticsProcess = Wire<typeof ServerDiagnosticsProcess>;

export const ServerDiagnosticsResponse = struct('ServerDiagnosticsResponse', {
  process: ServerDiagnosticsProcess,
  gauges: list(ServerDiagnosticsGauge),
});
export type ServerDiagnosticsResponse = Wire<typeof ServerDiagnosticsResponse>;
