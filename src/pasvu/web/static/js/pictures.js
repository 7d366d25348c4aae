// Stills: a picture of any kind becomes a JPEG here.
import { $ } from './dom.js';

const WIDEST = 1920;
const QUALITY = 0.9;

export function openPictures() {
  const field = $('form[data-picture] input[type=file]');
  field?.addEventListener('change', async () => {
    const [file] = field.files;
    const jpeg = file && (await asJpeg(file).catch(() => null));
    if (!jpeg) return;
    const files = new DataTransfer();
    files.items.add(new File([jpeg], 'image.jpg', { type: 'image/jpeg' }));
    field.files = files.files;
  });
}

/** No larger than a thumbnail is ever shown, on white where it was transparent. */
async function asJpeg(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, WIDEST / picture.width);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
}
