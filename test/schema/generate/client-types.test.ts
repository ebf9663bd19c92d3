import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { clientTypes } from '../../../schema/generate/client-types.js';
import { packageRoot } from '../../../server/package/package-root.js';

t.setTimeout(240_000);

/** Says by name which method has other types in one module than in the other. */
const COMPARISON = `
import type * as Inferred from '../../../schema/registry.js';
import type * as Written from './registry.js';
type Same<X, Y> = [X] extends [Y] ? ([Y] extends [X] ? true : false) : false;
type Unlike<F> = { [K in keyof F]: F[K] extends true ? never : K }[keyof F];
declare const unlike: {
  methods: Same<Inferred.ClientRequestMethod, Written.ClientRequestMethod> extends true ? never : 'client requests';
  asked: Same<Inferred.ServerRequestMethod, Written.ServerRequestMethod> extends true ? never : 'server requests';
  told: Same<Inferred.ServerNotificationMethod, Written.ServerNotificationMethod> extends true ? never : 'notifications';
  params: Unlike<{ [M in Inferred.ClientRequestMethod]: Same<Inferred.ClientParams<M>, Written.ClientParams<M>> }>;
  results: Unlike<{ [M in Inferred.ClientRequestMethod]: Same<Inferred.RequestResult<M>, Written.RequestResult<M>> }>;
  notified: Unlike<{ [M in Inferred.ServerNotificationMethod]: Same<Inferred.NotificationParams<M>, Written.NotificationParams<M>> }>;
  questions: Unlike<{ [M in Inferred.ServerRequestMethod]: Same<Inferred.ServerRequestParams<M>, Written.ServerRequestParams<M>> }>;
  answers: Unlike<{ [M in Inferred.ServerRequestMethod]: Same<Inferred.ServerRequestAnswer<M>, Written.ServerRequestAnswer<M>> }>;
};
export const none: Record<keyof typeof unlike, never> = unlike;
`;

/**
 * What the compiler says of the comparison, for each of these texts of written-out types. One run: the schema takes
 * long.
 */
function compare(texts: readonly string[]): readonly string[] {
  // Below the root: the schema is imported from there.
  const folder = fs.mkdtempSync(path.join(packageRoot(), 'build', 'types-'));
  try {
    const files = texts.map((written, index) => {
      const own = path.join(folder, String(index));
      fs.mkdirSync(own);
      fs.writeFileSync(path.join(own, 'registry.ts'), written);
      fs.writeFileSync(path.join(own, 'compare.ts'), COMPARISON);
      return path.join(own, 'compare.ts');
    });
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    });
    const said = (file: string): string =>
      program
        .getSemanticDiagnostics(program.getSourceFile(file))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
        .join('\n');
    return files.map(said);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

t.test('the types of the package equal the types that the client compiles against', async (t) => {
  const written = clientTypes();
  const wrong = written.replace('codexHome: AbsolutePathBuf', 'codexHome: number');
  t.not(wrong, written);
  const [same, unlike] = compare([written, wrong]);
  t.equal(same, '');
  t.match(unlike, /"initialize"/, 'a difference is found, and named');
});
