// Writes schema/method-table.ts from the registry.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSchema } from './load-schema.mjs';

const target = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'schema', 'method-table.ts');
const { methodTableSource } = await loadSchema('generate/generate-method-table.ts');
fs.writeFileSync(target, methodTableSource());
