// A picture that somebody chose, as a logo small enough to be sent to every voter.

export const mostCharacters = 8192; // of the data: address, as the node takes it
const taken = /^data:image\/(png|jpeg|webp|gif|svg\+xml);base64,/;
const heights = [144, 108, 72, 54, 36]; // pixels; it is shown 36 to 64 high

const addressOf = (file: Blob) => new Promise<string>((done, wrong) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result));
  reader.onerror = () => wrong(reader.error);
  reader.readAsDataURL(file);
});

function drawn(image: HTMLImageElement, height: number): string {
  const canvas = document.createElement('canvas');
  canvas.height = height;
  canvas.width = Math.max(1, Math.round((height * image.naturalWidth) / (image.naturalHeight || 1)));
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/webp', 0.85);
}

// The picture itself where it fits, or drawn again as large as fits; null where it is none, or never fits.
export async function fitting(file: Blob): Promise<string | null> {
  try {
    const address = await addressOf(file);
    const image = new Image();
    image.src = address;
    await image.decode();
    const tries = [() => address, ...heights.map((height) => () => drawn(image, height))];
    for (const one of tries) {
      const made = one();
      if (made.length <= mostCharacters && taken.test(made)) return made;
    }
  } catch {
    // no picture
  }
  return null;
}
