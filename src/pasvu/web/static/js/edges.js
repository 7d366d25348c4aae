// On each side of a cut: the last picture before it and the first after it, drawn from the film itself.
import { $$, stamp } from './dom.js';

const WIDTH = 192;
// While a handle is being moved, only where it rests is worth a seek.
const REST_MS = 120;

export class Edges {
  /** `film` is the player's own element; its file is opened once more, aside, so that the player stays where it is. */
  constructor(film, { offset, length, frame }) {
    this.offset = offset;
    this.length = length;
    this.frame = frame;
    this.wanted = new Map();
    this.drawn = new WeakMap();
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.preload = 'auto';
    this.address = film.currentSrc || film.src;
  }

  /** Show the cut at `time` in this pair of pictures. */
  show(pair, time) {
    const [before, after] = pair ? $$('canvas', pair) : [];
    if (!before || this.broken) return;
    this.want(before, time - this.frame / 2);
    this.want(after, time + this.frame / 2);
  }

  want(canvas, time) {
    if (this.drawn.get(canvas) === time) return;
    this.drawn.set(canvas, time);
    canvas.setAttribute('aria-label', `${canvas.dataset.name} ${stamp(Math.max(0, time))}`);
    this.wanted.set(canvas, time);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.work(), REST_MS);
  }

  async work() {
    if (this.working) return;
    this.working = true;
    try {
      if (!this.video.src) await this.open();
      while (this.wanted.size) {
        const [canvas, time] = this.wanted.entries().next().value;
        this.wanted.delete(canvas);
        await this.draw(canvas, time);
      }
    } catch {
      // No picture in this film, or none to be had: the times alone are enough to cut.
      this.broken = true;
      for (const pair of $$('.edge')) pair.hidden = true;
    }
    this.working = false;
  }

  async open() {
    const there = this.until('loadeddata');
    this.video.src = this.address;
    await there;
    if (!this.video.videoWidth) throw new Error('no picture');
  }

  async draw(canvas, time) {
    const there = time >= Math.max(0, this.offset) && time < Math.min(this.length, this.offset + this.video.duration);
    canvas.classList.toggle('no-frame', !there);
    if (!there || !canvas.isConnected) return;
    const sought = this.until('seeked');
    this.video.currentTime = time - this.offset;
    await sought;
    canvas.width = WIDTH;
    canvas.height = Math.round((WIDTH * this.video.videoHeight) / this.video.videoWidth);
    canvas.getContext('2d').drawImage(this.video, 0, 0, canvas.width, canvas.height);
    canvas.dataset.shown = time.toFixed(3);
  }

  until(event) {
    return new Promise((done, failed) => {
      this.video.addEventListener(event, done, { once: true });
      this.video.addEventListener('error', failed, { once: true });
    });
  }
}
