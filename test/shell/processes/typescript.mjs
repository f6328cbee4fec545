/**
 * Lets a child process of a test run our TypeScript as it stands: `node --import ./typescript.mjs script.ts`. Types are
 * only erased; Node 20 cannot do that by itself.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

let typescript;

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  typescript ??= (await import('typescript')).default;
  const { ModuleKind, ScriptTarget, transpileModule } = typescript;
  const text = await readFile(fileURLToPath(url), 'utf8');
  const { outputText } = transpileModule(text, {
    compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023, verbatimModuleSyntax: true },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}
