// The waveform: drawn whole from int8 pairs (lowest, highest; one pair per 100 ms), in well under a frame.

const HEIGHT = 120;
const MIDDLE = 70;
const REACH = 48;
const STEP = 2;
const PAIRS_PER_S = 10;
const KEPT = '#d8d1c0';
const PLAYED = '#ff7a68';
const CUT = '#4a4538';
const MARKER = '#ffd84a';
const TAKEN = 'rgb(255 90 70 / 24%)';
const FLAG_HEIGHT = 18;
const FLAG_REACH = 9;

export class Wave {
  constructor(canvas, length) {
    this.canvas = canvas;
    this.pen = canvas.getContext('2d');
    this.length = length;
    this.peaks = null;
    this.first = 0;
    this.last = length;
    this.width = 1;
  }

  x(time) {
    return ((time - this.first) / (this.last - this.first)) * this.width;
  }

  time(x) {
    return this.first + (x / this.width) * (this.last - this.first);
  }

  /** Show a span around `middle`; `share` 0 is everything, 1 is twenty seconds. */
  zoom(share, middle) {
    const span = this.length * Math.pow(Math.min(1, 20 / this.length), share);
    this.first = Math.max(0, Math.min(this.length - span, middle - span / 2));
    this.last = this.first + span;
  }

  loudest(from, to) {
    if (!this.peaks) return 0.02;
    const pairs = this.peaks.length / 2;
    let pair = Math.max(0, Math.floor(from * PAIRS_PER_S));
    const end = Math.min(pairs, Math.max(pair + 1, Math.floor(to * PAIRS_PER_S)));
    let most = 0;
    for (; pair < end; pair++) most = Math.max(most, -this.peaks[2 * pair], this.peaks[2 * pair + 1]);
    return most / 127;
  }

  /** The line of the chapter whose flag is under this point, or null. */
  flagAt(x, y, chapters) {
    if (y > FLAG_HEIGHT) return null;
    const near = chapters.filter(([time]) => Math.abs(this.x(time) - x) <= FLAG_REACH);
    return near.length ? near.at(-1)[2] : null;
  }

  draw({ start, end, now, chapters, taken }) {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth || 1;
    this.canvas.width = this.width * ratio;
    this.canvas.height = HEIGHT * ratio;
    this.pen.scale(ratio, ratio);
    for (let x = 0; x < this.width; x += STEP) {
      const time = this.time(x);
      const reach = Math.max(1, this.loudest(time, this.time(x + STEP)) * REACH);
      const kept = time >= start && time <= end && !taken.some(({ from, to }) => time >= from && time < to);
      this.pen.fillStyle = !kept ? CUT : time <= now ? PLAYED : KEPT;
      this.pen.fillRect(x, MIDDLE - reach, 1.4, 2 * reach);
    }
    this.drawTaken(taken);
    this.drawChapters(chapters);
    this.pen.fillStyle = '#fff';
    this.pen.fillRect(this.x(now) - 1, 16, 2, HEIGHT);
  }

  drawTaken(taken) {
    this.pen.fillStyle = TAKEN;
    for (const { from, to } of taken) this.pen.fillRect(this.x(from), 18, Math.max(1, this.x(to) - this.x(from)), HEIGHT);
  }

  drawChapters(chapters) {
    this.pen.font = '600 11.5px Instrument, sans-serif';
    let free = -99;
    chapters.forEach(([time, title], place) => {
      const next = place + 1 < chapters.length ? this.x(chapters[place + 1][0]) : this.width;
      const x = this.x(time);
      if (next < 0 || x > this.width) return;
      this.pen.fillStyle = MARKER;
      if (x >= 0) this.pen.fillRect(x, 0, 1.5, HEIGHT);
      const left = Math.max(x, -4);
      const room = next - left - 12;
      if (room < 30 || left < free) return;
      this.pen.fillText(this.shortened(title, room), left + 6, 11);
      free = left;
    });
  }

  shortened(title, room) {
    let text = title;
    while (text.length > 2 && this.pen.measureText(text).width > room) text = `${text.slice(0, -2).trimEnd()}…`;
    return text;
  }
}

/** The peaks at `address`, or null where there are none yet. */
export async function fetchPeaks(address) {
  if (!address) return null;
  const reply = await fetch(address).catch(() => null);
  return reply?.ok ? new Int8Array(await reply.arrayBuffer()) : null;
}
