// The steps of a cut that is not saved yet, each taken back by itself: one drag, one run of keys is one step.

const ONE_GESTURE_MS = 700;

export class Steps {
  /** `read` gives the cut as a plain value, `write` puts one in its place. */
  constructor(button, { read, write }) {
    this.button = button;
    this.words = JSON.parse(button.dataset.words);
    this.read = read;
    this.write = write;
    this.before = [];
    this.now = read();
    this.at = 0;
    button.addEventListener('click', () => this.back());
  }

  /** The cut has changed. */
  took() {
    const same = Date.now() - this.at < ONE_GESTURE_MS;
    if (!same || !this.before.length) this.before.push(this.now);
    this.at = Date.now();
    this.now = this.read();
    this.show();
  }

  back() {
    this.now = this.before.pop();
    this.at = 0;
    this.write(this.now, this.before.length === 0);
    this.show();
  }

  show() {
    const last = this.before.at(-1);
    this.button.hidden = !last;
    if (last) this.button.textContent = this.words[what(last, this.now)];
  }
}

function what(before, now) {
  if (before.spans.length !== now.spans.length) return now.spans.length > before.spans.length ? 'more' : 'less';
  if (JSON.stringify(before.spans) !== JSON.stringify(now.spans)) return 'moved';
  return before.start !== now.start ? 'start' : 'end';
}
