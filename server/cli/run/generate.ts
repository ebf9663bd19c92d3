/** `app-server generate-ts` and `generate-json-schema`, and the errors of a folder that cannot be written. */
import { messageOf } from '../../errors/message-of.js';
import { osErrorText } from '../../system/node/os-errors.js';
import fs from 'node:fs/promises';
import { StartError } from '../../errors/start-error.js';

export async function generateTypeScript(options: {
  readonly out: string;
  readonly experimental: boolean;
  readonly prettier: string | null;
}): Promise<void> {
  await makeFolder(options.out);
  const { generateTypeScript: generate } = await import('../../../schema/generate/typescript.js');
  explained(() => generate({ ...options, prettier: options.prettier ?? undefined }));
}

export async function generateJsonSchema(options: {
  readonly out: string;
  readonly experimental: boolean;
}): Promise<void> {
  await makeFolder(options.out);
  const { generateJsonSchema: generate } = await import('../../../schema/generate/json-schema.js');
  explained(() => generate(options));
}

async function makeFolder(out: string): Promise<void> {
  try {
    await fs.mkdir(out, { recursive: true });
  } catch (error) {
    throw new StartError(`Failed to create ${out}`, [osErrorText(error)]);
  }
}

/** The generators' errors are texts for a person: no stack. */
function explained(generate: () => void): void {
  try {
    generate();
  } catch (error) {
    throw new StartError(messageOf(error));
  }
}
