// Fetches the packages of package-lock.json into web/node_modules, unless they are there.
//
//   install.mjs <npm> run|all      run: what a build takes; all: besides, what the tests take
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const note = join(web, 'node_modules', '.fetched');
const [npm, wanted] = process.argv.slice(2);
const lock = createHash('sha256').update(readFileSync(join(web, 'package-lock.json'))).digest('hex');

function there() {
  try {
    const [hash, set] = readFileSync(note, 'utf8').split(' ');
    return hash === lock && (set === 'all' || set === wanted);
  } catch {
    return false;
  }
}

if (!there()) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (wanted === 'run') args.push('--omit=dev');
  const ran = spawnSync(npm, args, { cwd: web, stdio: ['ignore', 'ignore', 'inherit'] });
  if (ran.status !== 0) {
    console.error('The packages of web/package-lock.json could not be fetched; see CONTRIBUTING.md.');
    process.exit(1);
  }
  writeFileSync(note, `${lock} ${wanted}`);
}
