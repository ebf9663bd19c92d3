/** What a report contains (docs/protocol/services.md §16). */
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { RequestParams } from '../../../schema/registry.js';
import { messageOf } from '../../errors/message-of.js';
import { internalError } from '../../errors/rpc-error.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../../package/package-version.js';
import type { FileThreadStore } from '../../sessions/store/create-thread-store.js';
import { newId, type ThreadId } from '../../sessions/store/records/thread-id.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import { withoutSecrets } from './without-secrets.js';
import { zipOf, type ZipEntry } from './zip.js';

export type FeedbackRequest = Omit<RequestParams<'feedback/upload'>, 'threadId'> & { readonly id: ThreadId | null };

export interface Report {
  readonly zip: Buffer;
  readonly threadId: string;
  readonly promptHash: string | null;
}

/** Of one attached file, in bytes. */
const LIMIT_BYTES = 32 * 1024 * 1024;
const MAX_FILES = 20;

/** Throws RpcError for an attachment that cannot be read. */
export async function makeReport(
  store: Pick<FileThreadStore, 'find' | 'history'>,
  { id, classification, reason, includeLogs, extraLogFiles, tags }: FeedbackRequest,
  secrets: readonly string[],
): Promise<Report> {
  const threadId = id ?? `no-active-thread-${newId()}`;
  const files = id === null ? null : await store.find(id);
  const instructions = files === null ? null : ((await store.history(files)).meta.base_instructions?.text ?? null);
  const promptHash = instructions === null ? null : hashOf(instructions);
  const attached = [
    ...(includeLogs && files !== null ? [files.stored] : []),
    ...(extraLogFiles ?? []).slice(0, MAX_FILES).map((file) => path.resolve(file)),
  ];
  const manifest = attached.map((source, at) => ({ name: `${at + 1}-${path.basename(source)}`, source }));
  const report = {
    ...{ threadId, classification, reason, tags: tags ?? {}, promptHash, includeLogs },
    createdAt: new Date().toISOString(),
    program: { name: 'codexd', version: CODEXD_VERSION, protocol: PROTOCOL_VERSION },
    system: { platform: process.platform, arch: process.arch, release: os.release(), node: process.version },
  };
  const text = (content: string): Buffer => Buffer.from(withoutSecrets(content, secrets));
  const entries: ZipEntry[] = [
    { name: 'report.json', content: text(JSON.stringify(report, null, 2)) },
    { name: 'manifest.json', content: text(JSON.stringify(manifest, null, 2)) },
    // A packed session stays as it is: its texts are not seen, so it is left out.
    ...manifest.flatMap(({ name, source }) =>
      source.endsWith('.zst') ? [] : [{ name, content: text(contentOf(source).toString()) }],
    ),
  ];
  return { zip: zipOf(entries), threadId, promptHash };
}

function contentOf(file: string): Buffer {
  try {
    return withFile(file, (opened) => readWhole(opened, LIMIT_BYTES));
  } catch (error) {
    throw internalError(`failed to save feedback: failed to read selected attachment ${file}: ${messageOf(error)}`);
  }
}

/** Blanks do not count. */
const hashOf = (text: string): string =>
  createHash('sha256')
    .update(
      text
        .split(/\s+/)
        .filter((word) => word !== '')
        .join(' '),
    )
    .digest('hex');
