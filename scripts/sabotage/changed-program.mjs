// A copy of the built program in which some files were made of changed sources.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param changes each the exact text of a source file and what stands there instead; none copies the program as it is */
export function copyProgram({ name, changes }, dir) {
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(dir, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  for (const change of changes) changeFile(name, change, dir);
}

function changeFile(name, { file, from, to }, dir) {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  if (source.split(from).length !== 2) throw new Error(`"${name}" does not apply: its text is not once in src/${file}`);
  const { outputText } = ts.transpileModule(
    source.replace(from, () => to),
    {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    },
  );
  writeFileSync(join(dir, 'dist', file.replace(/\.ts$/, '.js')), outputText);
}
