#!/usr/bin/env node
// Prints what an image is made of, as CycloneDX 1.6:
//
//   docker/sbom.mjs <dpkg status of the image> <dpkg status of the build>
//
// The image's Debian packages; of the build's those with headers; what the pages bring along, from
// web/package-lock.json, and what they were built with (scope `excluded`). Two builds of the same print the same.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const text = (path) => readFileSync(new URL(path, root), 'utf8');

// The installed packages of a dpkg status file by their names.
function installed(path) {
    const packages = new Map();
    for (const entry of readFileSync(path, 'utf8').split('\n\n')) {
        const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1];
        if (field('Status') !== 'install ok installed') continue;
        packages.set(field('Package'), { version: field('Version'), arch: field('Architecture') });
    }
    if (packages.size === 0) throw new Error(`${path}: no package is installed there`);
    return packages;
}

function debian([name, { version, arch }], how) {
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}`;
    return { type: 'library', 'bom-ref': `${purl}#${how}`, name, version, purl, properties: [{ name: 'tallycast:how', value: how }] };
}

// Headers that tools/deps names: much of what is in them is in the program.
function headers(build) {
    const named = [...text('tools/deps').matchAll(/^run +\| ([^|]+)\|/gm)].flatMap(([, names]) => names.trim().split(/\s+/));
    const there = named.filter((name) => name.endsWith('-dev') && build.has(name));
    return there.map((name) => debian([name, build.get(name)], 'built with its headers'));
}

function pages() {
    const { packages } = JSON.parse(text('web/package-lock.json'));
    const ours = Object.entries(packages).filter(([path, one]) => path.startsWith('node_modules/') && !one.optional);
    return ours.map(([path, { version, license, integrity, dev }]) => {
        const name = path.slice('node_modules/'.length);
        const tool = dev || name === 'esbuild';
        const [algorithm, digest] = integrity.split(/-(.*)/);
        const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
        return {
            type: 'library', 'bom-ref': purl, name, version, purl, scope: tool ? 'excluded' : 'required',
            hashes: [{ alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
            licenses: [{ expression: license }],
            properties: [{ name: 'tallycast:how', value: tool ? 'built with' : 'in the pages' }],
        };
    });
}

function main([ofImage, ofBuild]) {
    if (!ofBuild) throw new Error('docker/sbom.mjs <dpkg status of the image> <dpkg status of the build>');
    const image = [...installed(ofImage)].sort().map((entry) => debian(entry, 'in the image'));
    const components = [...image, ...headers(installed(ofBuild)), ...pages()];
    const version = /project\(tallycast VERSION ([\d.]+)/.exec(text('CMakeLists.txt'))[1];
    const ref = `pkg:generic/tallycast@${version}`;
    const hash = createHash('sha256').update(JSON.stringify(components)).digest('hex');
    const serial = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
    const bom = {
        bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${serial}`, version: 1,
        metadata: {
            component: {
                type: 'application', 'bom-ref': ref, name: 'tallycast', version, purl: ref,
                licenses: [{ license: { id: 'Apache-2.0' } }],
            },
        },
        components,
        dependencies: [{ ref, dependsOn: components.filter((c) => c.scope !== 'excluded').map((c) => c['bom-ref']) }],
    };
    process.stdout.write(`${JSON.stringify(bom, null, 1)}\n`);
}

main(process.argv.slice(2));
