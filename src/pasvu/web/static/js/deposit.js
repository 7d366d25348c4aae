// Sending files in pieces (tus): paused, continued after a cut, and found again when the same file is chosen later.
import { $, $$, breaking, token } from './dom.js';

const page = $('#deposit');
const words = $('#deposit-words').dataset;
const list = $('#sent');
const lang = document.documentElement.lang;
const LOOK_AGAIN_MS = 5000;
const SPEED_OVER_MS = 6000;
const active = new Set();

const number = (value, digits) => value.toLocaleString(lang, { maximumFractionDigits: digits });

function size(bytes) {
  const units = words.units.split(' ');
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, unit < 2 ? 0 : 1)}\u202f${units[unit]}`;
}

function left(seconds) {
  if (seconds < 90) return words.seconds.replace('{n}', number(Math.ceil(seconds), 0));
  if (seconds < 5400) return words.minutes.replace('{n}', number(Math.round(seconds / 60), 0));
  return words.hours.replace('{n}', number(seconds / 3600, 1));
}

class Sending {
  constructor(file) {
    this.file = file;
    this.row = $('#row').content.cloneNode(true).firstElementChild;
    this.marks = [];
    $('[data-name]', this.row).append(...breaking(file.name));
    $('[data-size]', this.row).textContent = size(file.size);
    $('progress', this.row).setAttribute('aria-label', file.name);
    $('[data-pause]', this.row).addEventListener('click', () => this.pause());
    $('[data-go]', this.row).addEventListener('click', () => this.go());
    $('[data-stop]', this.row).addEventListener('click', () => this.stop());
    list.prepend(this.row);
    $('#none').hidden = true;
    this.upload = new window.tus.Upload(file, {
      endpoint: page.dataset.endpoint,
      chunkSize: Number(page.dataset.piece),
      retryDelays: [0, 1000],
      metadata: { filename: file.name, programme: $('#deposit-show').value },
      headers: { 'X-CSRFToken': token() },
      removeFingerprintOnSuccess: true,
      onProgress: (sent, whole) => this.progress(sent, whole),
      onSuccess: () => this.done(),
      onError: (error) => this.failed(error),
    });
  }

  async begin() {
    const [before] = await this.upload.findPreviousUploads();
    if (before) this.upload.resumeFromPreviousUpload(before);
    else {
      // Begun in another browser, or this one forgot: the server still knows.
      const waiting = $$('#waiting li').find(
        (line) => line.dataset.name === this.file.name && Number(line.dataset.size) === this.file.size,
      );
      if (waiting) this.upload.url = new URL(waiting.dataset.url, location.href).href;
    }
    $$('#waiting li')
      .filter((line) => line.dataset.name === this.file.name)
      .forEach((line) => line.remove());
    if (this.how !== 'paused' && this.how !== 'over') this.go();
  }

  go() {
    clearTimeout(this.later);
    if (this.how === 'sending') return;
    this.say(words.starting);
    this.marks = [];
    active.add(this);
    this.show('sending');
    this.upload.start();
  }

  async pause() {
    clearTimeout(this.later);
    active.delete(this);
    this.show('paused');
    await this.upload.abort();
    this.say(words.paused);
  }

  async stop() {
    clearTimeout(this.later);
    active.delete(this);
    this.show('over');
    await this.upload.abort(true).catch(() => null);
    this.say(words.stopped);
  }

  progress(sent, whole) {
    if (this.how !== 'sending') return;
    const now = performance.now();
    this.marks = [...this.marks.filter((mark) => now - mark.at < SPEED_OVER_MS), { at: now, sent }];
    $('progress', this.row).value = whole ? sent / whole : 0;
    $('[data-share]', this.row).textContent = (Math.floor((100 * sent) / whole) / 100).toLocaleString(lang, {
      style: 'percent',
    });
    const first = this.marks[0];
    const speed = (1000 * (sent - first.sent)) / (now - first.at);
    if (now - first.at > 500 && speed > 0) {
      this.say(words.sending.replace('{speed}', size(speed)).replace('{left}', left((whole - sent) / speed)));
    }
  }

  done() {
    active.delete(this);
    $('progress', this.row).value = 1;
    $('[data-share]', this.row).textContent = '';
    this.show('done');
    this.say(words.done);
    $('#deposit-say').textContent = `${this.file.name} : ${words.done}`;
  }

  failed(error) {
    const reply = error.originalResponse;
    const code = reply?.getStatus() ?? 0;
    // No answer, a server that starts again, a disk that fills or another writer: all may pass by themselves.
    if (!code || code >= 500 || code === 423 || code === 409) {
      this.say(code === 507 ? reply.getBody() : words.cut);
      this.show('cut');
      this.later = setTimeout(() => this.go(), LOOK_AGAIN_MS);
      return;
    }
    active.delete(this);
    // Of such a name, or empty, it will never be taken: there is nothing to take up again.
    this.show(code === 422 ? 'refused' : 'wrong');
    const plain = reply.getHeader('Content-Type')?.startsWith('text/plain');
    this.say(plain ? reply.getBody() : code < 400 || code === 403 ? words.session : words.failed);
    $('#deposit-say').textContent = $('[data-said]', this.row).textContent;
  }

  show(how) {
    this.how = how;
    for (const state of ['cut', 'done']) this.row.classList.toggle(`sent-${state}`, how === state);
    this.row.classList.toggle('sent-wrong', how === 'wrong' || how === 'refused');
    $('[data-pause]', this.row).hidden = how !== 'sending' && how !== 'cut';
    $('[data-go]', this.row).hidden = how !== 'paused' && how !== 'wrong';
    $('[data-stop]', this.row).hidden = how === 'over' || how === 'done' || (how === 'refused' && !this.upload.url);
  }

  say(sentence) {
    $('[data-said]', this.row).textContent = sentence;
  }
}

function take(files) {
  for (const file of files) new Sending(file).begin();
}

$('#deposit-files').addEventListener('change', (event) => {
  take([...event.target.files]);
  event.target.value = '';
});

const zone = $('#zone');
for (const name of ['dragover', 'dragenter']) {
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
}
zone.addEventListener('dragleave', () => zone.classList.remove('over'));
zone.addEventListener('drop', (event) => {
  event.preventDefault();
  zone.classList.remove('over');
  take([...event.dataTransfer.files]);
});
// A file dropped beside the zone must not make the browser leave the page.
for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => event.preventDefault());

window.addEventListener('online', () => {
  for (const sending of active) if (sending.how === 'cut') sending.go();
});
window.addEventListener('beforeunload', (event) => {
  if (active.size) event.preventDefault();
});
