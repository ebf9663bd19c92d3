// Writes docs/methods.md from the table of families and the files of its methods.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { methodsPage } from './methods-page.mjs';

const target = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'methods.md');
fs.writeFileSync(target, await methodsPage());
