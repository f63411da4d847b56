// Makes the pictures of docs/images, small, from those that the tests have left:
//
//   TALLYCAST_SCREENSHOTS=/tmp/pictures ctest --test-dir build/dev -L browser
//   node tests/browser/pictures.mjs /tmp/pictures
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, root } from './support.mjs';

const wanted = {
  'phone-voting': ['audience-voting', 480], // the name in docs/images, and the width
  'phone-result': ['audience-result', 480],
  presenter: ['presenter', 1120],
  studio: ['studio', 1120],
};

const browser = await launch();
const page = await browser.newPage();
for (const [taken, [name, width]] of Object.entries(wanted)) {
  const source = `data:image/png;base64,${readFileSync(join(process.argv[2], `${taken}.png`)).toString('base64')}`;
  const made = await page.evaluate(async ([source, width]) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, Math.round((image.naturalHeight * width) / image.naturalWidth)];
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/webp', 0.85);
  }, [source, width]);
  const bytes = Buffer.from(made.split(',')[1], 'base64');
  writeFileSync(join(root, 'docs', 'images', `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
}
await browser.close();
