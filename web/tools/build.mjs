// Builds the pages: every folder with a main.tsx becomes a script and a style with a hash in their names.
//
//   build.mjs <folder> [--watch]     writes <folder>/ui, as the server's --ui-dir takes it, and the same
//                                    files in one, <folder>/pages.bundle (form: net/static_assets.hpp)
import { build, transform } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { ownName } from './own_names.mjs';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const out = process.argv[2];
const hashLength = 8;

// The form of the names: net/static_assets.hpp knows by it what may be kept for ever.
function hashed(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, hashLength).toUpperCase();
  const extension = extname(name);
  return `assets/${basename(name, extension)}-${hash}${extension}`;
}

async function bundled(page) {
  const { outputFiles } = await build({
    entryPoints: { [page]: join(web, page, 'main.tsx') },
    absWorkingDir: web, // or the names of parts would tell where they were built
    bundle: true,
    splitting: true, // what is imported only when it is needed: catalogues, charts
    format: 'esm',
    target: 'es2021',
    minify: true,
    mangleProps: ownName,
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'text' },
    outdir: '/assets',
    entryNames: '[name]-[hash]',
    chunkNames: `${page}.[name]-[hash]`,
    write: false,
    logLevel: 'warning',
  });
  return outputFiles.map((file) => [`assets/${basename(file.path)}`, Buffer.from(file.contents)]);
}

// {{audience.js}} in a page's text becomes the address of that file.
function filled(html, files) {
  return html.replace(/\{\{([\w.-]+)\}\}/g, (_, name) => {
    const extension = extname(name);
    const form = new RegExp(`^assets/${basename(name, extension)}-[0-9A-Z]{${hashLength}}\\${extension}$`);
    const found = [...files.keys()].find((path) => form.test(path));
    if (!found) throw new Error(`no page file is called ${name}`);
    return `/${found}`;
  });
}

async function allFiles() {
  const pages = readdirSync(web).filter((name) => existsSync(join(web, name, 'main.tsx')));
  const files = new Map((await Promise.all(pages.map(bundled))).flat());
  const icon = readFileSync(join(web, 'shared', 'icon.svg'));
  files.set(hashed('icon.svg', icon), icon);
  for (const page of pages) {
    const shell = join(web, page, `${page}.html`);
    if (existsSync(shell)) files.set(`${page}.html`, Buffer.from(filled(readFileSync(shell, 'utf8'), files)));
  }
  files.set('sw.js', await worker(files));
  return files;
}

// The audience's worker, which knows the files of this build by their names.
async function worker(files) {
  const kept = [...files.keys()].filter((path) => /^assets\/(audience|icon)[.-]/.test(path)).sort().map((path) => `/${path}`);
  const hash = createHash('sha256').update(kept.join()).digest('hex').slice(0, hashLength);
  const source = readFileSync(join(web, 'audience', 'sw.js'), 'utf8').replace('{{hash}}', hash).replace('{{files}}', JSON.stringify(kept));
  return Buffer.from((await transform(source, { minify: true })).code);
}

// Which way of writing distances is the shortest nobody can tell beforehand.
function smallest(bytes) {
  const always = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const tried = [16, 22].flatMap((window) => [0, 1, 2, 4].map((direct) => brotliCompressSync(bytes, {
    params: { ...always, [constants.BROTLI_PARAM_LGWIN]: window, [constants.BROTLI_PARAM_NDIRECT]: direct },
  })));
  return tried.reduce((best, one) => (one.length < best.length ? one : best));
}

// Compressed copies, where they are smaller.
function* withCopies(files) {
  for (const [path, bytes] of files) {
    yield [path, bytes];
    const copies = { gz: gzipSync(bytes, { level: 9 }), br: smallest(bytes) };
    for (const [extension, copy] of Object.entries(copies))
      if (copy.length < bytes.length) yield [`${path}.${extension}`, copy];
  }
}

async function write() {
  const files = [...withCopies(await allFiles())].sort(([a], [b]) => (a < b ? -1 : 1));
  const fresh = join(out, 'ui.new');
  rmSync(fresh, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(fresh, path)), { recursive: true });
    writeFileSync(join(fresh, path), bytes);
  }
  rmSync(join(out, 'ui'), { recursive: true, force: true });
  renameSync(fresh, join(out, 'ui'));
  const bundle = Buffer.concat(files.flatMap(([path, bytes]) => [Buffer.from(`${path} ${bytes.length}\n`), bytes]));
  writeFileSync(join(out, 'pages.bundle.new'), bundle);
  renameSync(join(out, 'pages.bundle.new'), join(out, 'pages.bundle'));
}

await write();
if (process.argv.includes('--watch')) {
  let due;
  watch(web, { recursive: true }, (_, name) => {
    if (!name || relative('node_modules', name).startsWith('..') === false) return;
    clearTimeout(due);
    due = setTimeout(() => write().then(() => console.log('built'), (wrong) => console.error(wrong.message)), 100);
  });
}
