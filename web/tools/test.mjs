// Bundles every web/*/*.test.ts, so that any Node can run it, and runs them all with Node's own runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'tallycast-web-tests-'));
const tests = readdirSync(web, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .flatMap(({ name }) => readdirSync(join(web, name)).map((file) => join(web, name, file)))
  .filter((path) => path.endsWith('.test.ts'));
try {
  await build({
    entryPoints: tests,
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'esm',
    outdir: folder,
    outbase: web,
    outExtension: { '.js': '.mjs' },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const built = tests.map((path) => path.replace(web, folder).replace(/\.ts$/, '.mjs'));
  const ran = spawnSync(process.execPath, ['--test', ...built], { stdio: 'inherit' });
  process.exitCode = ran.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
