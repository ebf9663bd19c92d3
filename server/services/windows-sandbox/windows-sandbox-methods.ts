/** windowsSandbox/readiness, windowsSandbox/setupStart (docs/protocol/services.md §12). */
import type { ConfigService } from '../../config/settings/config-service.js';
import { implementationRefusal } from '../../config/requirements/windows-implementations.js';
import { windowsSettings } from '../../config/settings/windows-settings.js';
import { writeConfig } from '../../config/write/write-config.js';
import { messageOf } from '../../errors/message-of.js';
import type { Logger } from '../../log/log.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { failureText, type SetupFailure } from '../../sandbox/windows/setup/setup-system.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import { readiness } from './readiness.js';
import { setupHere, type RunSetup, type SetupMode } from './setup-here.js';

export interface WindowsSandboxDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Pick<Logger, 'warn'>;
  /** Runs a set-up; tests replace it. Default: this system's own. */
  readonly setup?: RunSetup;
}

export const windowsSandboxMethods = defineMethods((deps: WindowsSandboxDeps) => {
  const { codexHome, source, env, outbox, log } = deps;
  const allowLocalBinding = env.CODEX_NETWORK_ALLOW_LOCAL_BINDING === '1';
  /** One set-up at a time: two would ask the person twice, and renew each other's passwords. */
  let last: Promise<unknown> = Promise.resolve();

  const finish = (mode: SetupMode, failure: SetupFailure | null): void => {
    if (failure !== null) log.warn('the set-up of the Windows sandbox failed', { mode, problem: failureText(failure) });
    const error = failure === null ? null : failureText(failure);
    outbox.broadcast('windowsSandbox/setupCompleted', { mode, success: failure === null, error });
  };
  const setUp = async (mode: SetupMode, cwd: string): Promise<SetupFailure | null> => {
    const refusal = implementationRefusal(mode, source.requirements());
    if (refusal !== null) return { code: 'not_allowed', text: refusal };
    const { failure, worldWritable } = await (deps.setup ?? setupHere)({ mode, cwd, codexHome, allowLocalBinding });
    if (failure !== null) return failure;
    if (worldWritable !== null && (worldWritable.paths.length > 0 || worldWritable.failed))
      outbox.broadcast('windows/worldWritableWarning', warning(worldWritable));
    return await choose(source, mode);
  };

  return {
    'windowsSandbox/readiness': () => {
      const { mode } = windowsSettings(source.resolve().effective.table);
      return { status: readiness({ codexHome, mode, allowLocalBinding }) };
    },
    'windowsSandbox/setupStart': ({ mode, cwd }, _caller, { afterAnswer }) => {
      afterAnswer(() => {
        last = last
          .then(() => setUp(mode, cwd ?? source.sources.cwd))
          .catch((error: unknown): SetupFailure => ({ code: 'elevation_failed', text: messageOf(error) }))
          .then((failure) => finish(mode, failure));
      });
      return { started: true };
    },
  };
});

/** Writes `windows.sandbox` into the user's config.toml. */
async function choose(source: ConfigService, mode: SetupMode): Promise<SetupFailure | null> {
  try {
    const edits = [{ keyPath: 'windows.sandbox', value: mode, mergeStrategy: 'upsert' } as const];
    const { overriddenMetadata } = await writeConfig(source, { edits, filePath: null, expectedVersion: null });
    return overriddenMetadata === null ? null : { code: 'config', text: overriddenMetadata.message };
  } catch (error) {
    return { code: 'config', text: `the sandbox is set up, but config.toml cannot be written: ${messageOf(error)}` };
  }
}

const SAMPLES = 3;

const warning = ({ paths, failed }: { readonly paths: readonly string[]; readonly failed: boolean }) => ({
  samplePaths: paths.slice(0, SAMPLES),
  extraCount: Math.max(0, paths.length - SAMPLES),
  failedScan: failed,
});
