// The film and its cut: handles, keys, times; the form sends it when a person says so.
import { $, $$, clock, seconds, stamp, typing } from './dom.js';
import { addChapter } from './chapters.js';
import { Wave, fetchPeaks } from './wave.js';

const FRAME_S = 0.04;
const LEAST_S = 1;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

export async function openCut(form) {
  const film = $('#film');
  const length = Number(form.dataset.length);
  const offset = Number(film?.dataset.offset ?? 0);
  const wave = new Wave($('#wave', form), length);
  const marks = { start: Number(form.dataset.start), end: Number(form.dataset.end) };
  const chapters = () => readChapters() ?? JSON.parse($('#chapter-marks').textContent);
  let now = Math.max(offset, 0);

  const draw = () => {
    wave.draw({ ...marks, now, chapters: chapters() });
    $('#now').textContent = clock(now);
    $('#kept').textContent = clock(marks.end - marks.start).replace(/^0:0?/, '');
    for (const [name, time] of Object.entries(marks)) {
      const handle = $(`.h-${name}`, form);
      if (!handle) continue;
      const x = wave.x(time);
      handle.style.left = `${x}px`;
      handle.hidden = x < -8 || x > wave.width + 8;
      handle.setAttribute('aria-valuenow', Math.round(time));
      handle.setAttribute('aria-valuetext', stamp(time));
    }
  };

  const seek = (time) => {
    now = Math.min(length, Math.max(0, time));
    if (film) film.currentTime = Math.max(0, now - offset);
    draw();
  };

  const set = (name, time) => {
    if (!form.elements[name] || !Number.isFinite(time)) return;
    marks[name] =
      name === 'start'
        ? Math.min(Math.max(0, time), marks.end - LEAST_S)
        : Math.max(Math.min(length, time), marks.start + LEAST_S);
    form.elements[name].value = stamp(marks[name]);
    form.classList.add('dirty');
    draw();
  };

  const follow = (element, move) => {
    element.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      if (element.matches('.h')) element.focus();
      else move(event);
      element.addEventListener('pointermove', move);
      element.addEventListener('pointerup', () => element.removeEventListener('pointermove', move), { once: true });
    });
  };
  const under = (event) => wave.time(event.clientX - wave.canvas.getBoundingClientRect().left);

  follow(wave.canvas, (event) => seek(under(event)));
  for (const name of Object.keys(marks)) {
    const handle = $(`.h-${name}`, form);
    if (!handle) continue;
    follow(handle, (event) => {
      set(name, under(event));
      seek(marks[name]);
    });
    handle.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      set(name, marks[name] + step * (event.shiftKey ? FRAME_S : 1));
      seek(marks[name]);
    });
    form.elements[name].addEventListener('change', () => set(name, seconds(form.elements[name].value)));
  }

  const KEYS = {
    i: () => set('start', now),
    o: () => set('end', now),
    m: () => $('[data-chapter]', form) && addChapter(now),
    r: () => remarkHere(now),
  };

  $('#zoom').addEventListener('input', (event) => {
    wave.zoom(event.target.value / 100, now);
    draw();
  });
  for (const button of $$('[data-set]', form)) button.addEventListener('click', () => set(button.dataset.set, now));
  $('[data-chapter]', form)?.addEventListener('click', () => addChapter(now));
  $('[data-play]', form).addEventListener('click', () => (film.paused ? film.play() : film.pause()));
  document.addEventListener('click', (event) => {
    const jump = event.target.closest('[data-seek]');
    if (jump) seek(Number(jump.dataset.seek));
    if (event.target.closest('[data-remark]')) remarkHere(now);
  });
  document.addEventListener('keydown', (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
    const act = KEYS[event.key];
    if (!act) return;
    // The key that moves the focus into a field must not be typed there.
    event.preventDefault();
    act();
  });
  const onTime = () => {
    now = film.currentTime + offset;
    if (now > wave.last) wave.zoom($('#zoom').value / 100, now + (wave.last - wave.first) / 2);
    draw();
  };
  film?.addEventListener('timeupdate', onTime);
  film?.addEventListener('seeked', onTime);
  document.addEventListener('chapters', draw);
  new ResizeObserver(draw).observe(wave.canvas);
  document.fonts.ready.then(draw);
  wave.peaks = await fetchPeaks(form.dataset.peaks);
  draw();
}

function readChapters() {
  const lines = $$('#chapter-list li');
  if (!$('#chapter-list')) return null;
  return lines
    .map((line) => [seconds($('[name=at]', line).value), $('[name=chapter]', line).value])
    .filter(([time]) => Number.isFinite(time))
    .sort((one, other) => one[0] - other[0]);
}

function remarkHere(time) {
  const form = $('.rq-new');
  if (!form) return;
  form.elements.at.value = clock(time);
  form.elements.text.focus();
}
