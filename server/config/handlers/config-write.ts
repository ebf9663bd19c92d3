import { changeTrustRecord } from '../layers/project-trust.js';
import { parseKeyPath } from '../write/key-path.js';
import { writeConfig } from '../write/write-config.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../settings/config-service.js';

/** Runs the writes of this process one after the other; the lock file does so for several processes. */
export interface WriteQueue {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createWriteQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const next = last.then(task);
      last = next.catch(() => undefined); // The client that sent the request receives it.
      return next;
    },
  };
}

/** config/value/write (docs/protocol/config.md §5). */
export async function writeConfigValue(
  source: ConfigService,
  queue: WriteQueue,
  params: RequestParams<'config/value/write'>,
): Promise<RequestResult<'config/value/write'>> {
  const { keyPath, value, mergeStrategy } = params;
  return await queue.run(() => write(source, [{ keyPath, value, mergeStrategy }], params));
}

/** config/batchWrite: all edits or none. `onReload`: makes loaded threads apply the settings that they can change. */
export async function writeConfigBatch(
  source: ConfigService,
  queue: WriteQueue,
  onReload: () => void,
  params: RequestParams<'config/batchWrite'>,
): Promise<RequestResult<'config/batchWrite'>> {
  const result = await queue.run(() => write(source, params.edits, params));
  if (params.reloadUserConfig) onReload();
  return result;
}

async function write(
  source: ConfigService,
  edits: Parameters<typeof writeConfig>[1]['edits'],
  params: { readonly filePath?: string | null | undefined; readonly expectedVersion?: string | null | undefined },
): Promise<RequestResult<'config/value/write'>> {
  const { filePath = null, expectedVersion = null } = params;
  const result = await writeConfig(source, { edits, filePath, expectedVersion });
  const personal = edits.flatMap(trustedBy);
  const { codexHome, read } = source.sources;
  // A client writes on behalf of its user: from now on the entry counts as a person's.
  if (personal.length > 0) await changeTrustRecord(codexHome, read, { personal });
  return result;
}

/** The folders whose trust level an edit sets. */
function trustedBy({ keyPath }: Parameters<typeof writeConfig>[1]['edits'][number]): string[] {
  const [section, folder, key] = parseKeyPath(keyPath);
  return section === 'projects' && folder !== undefined && (key ?? 'trust_level') === 'trust_level' ? [folder] : [];
}
