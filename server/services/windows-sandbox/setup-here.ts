/**
 * Runs the set-up in a process of its own: it waits for a person, and its calls to Windows block.
 *
 * Threat: a program that says that the set-up succeeded.
 * Rule: what counts is the marker, read by this process, not the words of the other one.
 */
import { ownCommand } from '../../package/own-node.js';
import { runHelper } from '../../system/programs/start-program.js';
import { isObject, wordOf } from '../../system/node/objects.js';
import { paths } from '../../system/files/paths.js';
import { SETUP_ERROR_CODES, type SetupFailure } from '../../sandbox/windows/setup/setup-system.js';
import { readSetup } from '../../sandbox/windows/setup-state.js';

export type SetupMode = 'elevated' | 'unelevated';

export interface SetupCall {
  readonly mode: SetupMode;
  /** Absolute: the folder of the client's commands. */
  readonly cwd: string;
  readonly codexHome: string;
  readonly allowLocalBinding: boolean;
}

export interface SetupOutcome {
  readonly failure: SetupFailure | null;
  readonly worldWritable: { readonly paths: readonly string[]; readonly failed: boolean } | null;
}

/** Rejects only for faults. */
export type RunSetup = (call: SetupCall) => Promise<SetupOutcome>;

export const setupHere: RunSetup = async (call) => {
  if (!paths.windows)
    return failed({ code: 'not_windows', text: `the ${call.mode} sandbox of Windows can be set up on Windows only` });
  const command = ownCommand([
    'windows-sandbox-setup',
    ...['--elevate', '--json', '--mode', call.mode, '--codex-home', call.codexHome, '--cd', call.cwd],
    ...(call.allowLocalBinding ? ['--allow-local-binding'] : []),
  ]);
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const ended = await runHelper(command, { env, timeoutMs: PATIENCE_MS, onStart: () => undefined });
  const outcome = outcomeIn(ended.stdout);
  if (outcome === null)
    return failed({
      code: 'no_report',
      text: ended.stderr.trim() || `the set-up ended with ${ended.code ?? 'a signal'}`,
    });
  if (outcome.failure === null && call.mode === 'elevated' && readSetup(call.codexHome).status !== 'ready')
    return failed({ code: 'marker', text: 'the set-up reported success, and there is no marker' });
  return outcome;
};

/** For a person's answer, ms. */
const PATIENCE_MS = 3_600_000;

const failed = (failure: SetupFailure): SetupOutcome => ({ failure, worldWritable: null });

/** Null: it is no outcome. */
export function outcomeIn(text: string): SetupOutcome | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { failure, worldWritable } = value;
  const found = isObject(worldWritable) && Array.isArray(worldWritable.paths) ? worldWritable : null;
  const places =
    found === null ? null : { paths: (found.paths as unknown[]).filter(isText), failed: found.failed === true };
  if (failure === null) return { failure, worldWritable: places };
  if (!isObject(failure)) return null;
  const code = wordOf(SETUP_ERROR_CODES, failure.code);
  return code !== null && isText(failure.text) ? failed({ code, text: failure.text }) : null;
}

const isText = (value: unknown): value is string => typeof value === 'string';
