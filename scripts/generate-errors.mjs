// Writes docs/errors.md from the table of errors.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errors-page.mjs';
import { loadSource } from './load-schema.mjs';

const target = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'errors.md');
const { CODES } = await loadSource('server/errors/codes.ts');
fs.writeFileSync(target, await errorsPage(CODES));
