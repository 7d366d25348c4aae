// The film and its cut: handles, keys, times, passages taken out; the form sends it when a person says so.
import { $, $$, clock, seconds, stamp, typing } from './dom.js';
import { addChapter, moveChapter, readChapters } from './chapters.js';
import { Edges } from './edges.js';
import { Wave, fetchPeaks } from './wave.js';
import { Steps } from './steps.js';
import { Taken } from './taken.js';

const LEAST_S = 1;
const AROUND_S = 4;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

export async function openCut(form) {
  const film = $('#film');
  const length = Number(form.dataset.length);
  const offset = Number(film?.dataset.offset ?? 0);
  const frame = Number(form.dataset.frame);
  const edges = film && new Edges(film, { offset, length, frame });
  const wave = new Wave($('#wave', form), length);
  const marks = { start: Number(form.dataset.start), end: Number(form.dataset.end) };
  const first = JSON.parse($('#chapter-marks').textContent);
  const chapters = () => readChapters() ?? first;
  const remarks = $$('.wave-remarks [data-seek]', form);
  let now = Math.max(offset, 0);
  // Where a listen around a cut stops by itself.
  let until = Infinity;

  const edited = () => {
    form.classList.add('dirty');
    steps?.took();
    draw();
  };
  const draw = () => {
    wave.draw({ ...marks, now, chapters: chapters(), taken: taken.spans });
    $('#now').textContent = clock(now);
    $('#kept').textContent = clock(marks.end - marks.start - taken.length(marks)).replace(/^0:0?/, '');
    for (const [name, time] of Object.entries(marks)) place($(`.h-${name}`, form), time);
    taken.place(place);
    for (const remark of remarks) stand(remark, Number(remark.dataset.seek));
    for (const [name, time] of Object.entries(marks)) edges?.show($(`[data-edge=${name}]`, form), time);
    for (const { line, from, to } of taken.spans) {
      edges?.show($('[data-edge=from]', line), from);
      edges?.show($('[data-edge=to]', line), to);
    }
  };

  const stand = (mark, time) => {
    const x = wave.x(time);
    mark.style.left = `${x}px`;
    mark.hidden = x < -8 || x > wave.width + 8;
  };

  const place = (handle, time) => {
    if (!handle) return;
    stand(handle, time);
    handle.setAttribute('aria-valuenow', Math.round(time));
    handle.setAttribute('aria-valuetext', stamp(time));
  };

  const seek = (time) => {
    now = Math.min(length, Math.max(0, time));
    if (film) film.currentTime = Math.max(0, now - offset);
    draw();
  };

  const set = (name, time) => {
    if (!form.elements?.[name] || !Number.isFinite(time)) return;
    marks[name] =
      name === 'start'
        ? Math.min(Math.max(0, time), marks.end - LEAST_S)
        : Math.max(Math.min(length, time), marks.start + LEAST_S);
    form.elements[name].value = stamp(marks[name]);
    edited();
  };

  /** A few seconds on each side of a cut; over a passage taken out, the join is heard as the public will hear it. */
  const listen = (time, span = null) => {
    seek(time - AROUND_S);
    until = (span ? span.to : time) + AROUND_S;
    film.play();
  };

  const follow = (element, move, begin = () => {}) => {
    element.addEventListener('pointerdown', (event) => {
      if (event.button) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      begin(event);
      if (element.matches('.h')) element.focus();
      else move(event);
      element.addEventListener('pointermove', move);
      const end = () => {
        element.removeEventListener('pointermove', move);
        grabbed = null;
      };
      element.addEventListener('pointerup', end, { once: true });
      element.addEventListener('pointercancel', end, { once: true });
    });
  };
  const under = (event) => wave.time(event.clientX - wave.canvas.getBoundingClientRect().left);

  /** A handle by mouse, by touch and by keys; `move` gives or takes a time. */
  const steer = (handle, { get, put }) => {
    follow(handle, (event) => {
      put(under(event));
      seek(get());
    });
    handle.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      put(get() + step * (event.shiftKey ? frame : 1));
      seek(get());
    });
  };

  const taken = new Taken(form, length, { edited, steer, around: (span) => listen(span.from, span) });

  const undo = $('[data-undo-cut]', form);
  const steps = undo && new Steps(undo, {
    read: () => ({ ...marks, spans: taken.spans.map(({ from, to }) => [from, to]) }),
    write: ({ start, end, spans }, asSaved) => {
      Object.assign(marks, { start, end });
      for (const name of ['start', 'end']) form.elements[name].value = stamp(marks[name]);
      taken.restore(spans);
      form.classList.toggle('dirty', !asSaved);
      draw();
    },
  });

  // A chapter's flag can be dragged along the top of the wave; its time field and arrows do the same.
  let grabbed = null;
  follow(
    wave.canvas,
    (event) => {
      const time = Math.min(length, Math.max(0, under(event)));
      if (grabbed) moveChapter(grabbed, Math.round(time * 10) / 10);
      seek(time);
    },
    (event) => {
      const { left, top } = wave.canvas.getBoundingClientRect();
      grabbed = wave.flagAt(event.clientX - left, event.clientY - top, readChapters() ?? []);
    },
  );
  wave.canvas.addEventListener('pointermove', (event) => {
    const { left, top } = wave.canvas.getBoundingClientRect();
    const flag = grabbed ?? wave.flagAt(event.clientX - left, event.clientY - top, readChapters() ?? []);
    wave.canvas.classList.toggle('on-flag', flag !== null);
  });

  for (const name of Object.keys(marks)) {
    const handle = $(`.h-${name}`, form);
    if (!handle) continue;
    steer(handle, { get: () => marks[name], put: (time) => set(name, time) });
    form.elements[name].addEventListener('change', () => set(name, seconds(form.elements[name].value)));
  }

  const takeOut = () => $('[data-take-out]', form) && taken.take(now, marks);
  const KEYS = {
    i: () => set('start', now),
    o: () => set('end', now),
    x: takeOut,
    m: () => $('[data-chapter]', form) && addChapter(now),
    r: () => remarkHere(now),
    v: () => frameHere(now),
    ' ': () => film && (film.paused ? film.play() : film.pause()),
    j: () => seek(now - 5),
    l: () => seek(now + 5),
  };

  $('#zoom').addEventListener('input', (event) => {
    wave.zoom(event.target.value / 100, now);
    draw();
  });
  for (const button of $$('[data-set]', form)) button.addEventListener('click', () => set(button.dataset.set, now));
  for (const button of $$('[data-around]', form)) button.addEventListener('click', () => listen(marks[button.dataset.around]));
  $('[data-take-out]', form)?.addEventListener('click', takeOut);
  $('[data-chapter]', form)?.addEventListener('click', () => addChapter(now));
  $('[data-play]', form).addEventListener('click', KEYS[' ']);
  document.addEventListener('click', (event) => {
    const jump = event.target.closest('[data-seek]');
    if (jump) seek(Number(jump.dataset.seek));
    const chapter = event.target.closest('[data-go-chapter]');
    if (chapter) seek(seconds($('[name=at]', chapter.closest('li')).value) || 0);
    if (event.target.closest('[data-remark]')) remarkHere(now);
    if (event.target.closest('[data-frame-here]')) frameHere(now);
  });
  document.addEventListener('keydown', (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
    const act = KEYS[event.key];
    if (!act || (event.key === ' ' && event.target.matches('button, a, summary, video, input'))) return;
    // The key that moves the focus into a field must not be typed there.
    event.preventDefault();
    act();
  });
  const onTime = () => {
    now = film.currentTime + offset;
    if (now > wave.last) wave.zoom($('#zoom').value / 100, now + (wave.last - wave.first) / 2);
    if (!film.paused && now >= until) film.pause();
    else if (!film.paused && ($('#as-aired').checked || until < Infinity)) skip();
    draw();
  };
  /** Over what will not be shown. */
  const skip = () => {
    const inside = taken.at(now);
    if (inside) seek(inside.to);
    else if ($('#as-aired').checked && now < marks.start) seek(marks.start);
    else if ($('#as-aired').checked && now >= marks.end) film.pause();
  };
  film?.addEventListener('timeupdate', onTime);
  film?.addEventListener('seeked', onTime);
  film?.addEventListener('pause', () => (until = Infinity));
  document.addEventListener('chapters', draw);
  new ResizeObserver(draw).observe(wave.canvas);
  document.fonts.ready.then(draw);
  wave.peaks = await fetchPeaks(form.dataset.peaks);
  draw();
}

function frameHere(time) {
  const field = $('#frame-at');
  if (!field) return;
  field.value = stamp(time);
  field.focus();
}

function remarkHere(time) {
  const form = $('.rq-new');
  if (!form) return;
  form.elements.at.value = clock(time);
  form.elements.text.focus();
}
