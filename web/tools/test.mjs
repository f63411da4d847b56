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
  const args = ['--test', '--test-reporter=tap', ...built];
  const ran = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  console.log(ran.stdout);
  const told = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(ran.stdout)?.[1] ?? 0);
  const wrong = Math.max(told('fail') + told('cancelled'), ran.status === 0 && told('tests') > 0 ? 0 : 1);
  // As tools/check counts tests.
  console.log(`Ran ${told('tests')} tests in web\n\n${wrong ? `FAILED (failures=${wrong})` : 'OK'}`);
  process.exitCode = wrong ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
