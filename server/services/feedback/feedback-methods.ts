/**
 * feedback/save and feedback/upload (docs/protocol/services.md §16): a report in a file. codexd sends nothing: an
 * upload is a file, too, and its error says where.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { tableAt } from '../../config/toml/value.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { parseId } from '../../sessions/live/catalog-deps.js';
import { readLogin } from '../../sessions/model/provider/read-login.js';
import type { FileThreadStore } from '../../sessions/store/create-thread-store.js';
import { followAll, openFolder } from '../../system/files/open-folder.js';
import { makeFolderForUser, openForUser } from '../../system/files/private-files.js';
import { makeReport, type Report } from './report.js';
import { secretValues } from './without-secrets.js';

export interface FeedbackDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly store: () => Promise<Pick<FileThreadStore, 'find' | 'history'>>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

type Asked = Parameters<typeof makeReport>[1];

export const feedbackMethods = defineMethods(({ codexHome, source, store, env }: FeedbackDeps) => {
  const report = async ({ threadId, ...asked }: Omit<Asked, 'id'> & { threadId: string | null }): Promise<Report> => {
    const id = threadId === null ? null : parseId(threadId);
    const login = readLogin(codexHome);
    const secrets = secretValues(env, login.kind === 'apiKey' ? [login.key] : []);
    return makeReport(await store(), { ...asked, id }, secrets);
  };
  return {
    'feedback/save': async ({ savePath, ...asked }) => {
      if (!path.isAbsolute(savePath)) throw invalidRequest('feedback savePath must be an absolute host path');
      const { zip, threadId, promptHash } = await report(asked);
      saveNew(savePath, zip);
      return { savedPath: savePath, threadId, promptHash };
    },
    'feedback/upload': async (asked) => {
      const { table } = source.resolve(source.sources.cwd).effective;
      if (tableAt(table, 'feedback').enabled === false) {
        throw invalidRequest('sending feedback is disabled by configuration');
      }
      const { zip } = await report(asked);
      const folder = path.join(codexHome, 'feedback');
      const file = path.join(folder, `feedback-${randomUUID()}.zip`);
      makeFolderForUser(folder);
      saveNew(file, zip);
      throw internalError(`failed to upload feedback: codexd sends nothing; the report is in ${file}`);
    },
  };
});

/** Throws RpcError; then there is no such file, or it is another one. */
function saveNew(file: string, content: Buffer): void {
  try {
    const folder = openFolder(path.dirname(file), followAll);
    try {
      const place = folder.at(path.basename(file));
      const fd = openForUser(place, 'wx');
      try {
        // eslint-disable-next-line codexd/files-by-path -- a descriptor
        fs.writeFileSync(fd, content);
        fs.fsyncSync(fd);
      } catch (error) {
        // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
        fs.rmSync(place, { force: true });
        throw error;
      } finally {
        fs.closeSync(fd);
      }
    } finally {
      folder.close();
    }
  } catch (error) {
    const taken = osCode(error) === 'EEXIST';
    throw internalError(`failed to save feedback: ${taken ? 'feedback save path already exists' : messageOf(error)}`);
  }
}
