// The list of chapters: adding a line, dropping one, in the order of time.
import { $, $$, seconds, stamp } from './dom.js';

const list = () => $('#chapter-list');
const time = (line) => seconds($('[name=at]', line).value);

/** Lines changed by a script: saved and drawn as if they had been typed. */
export function changed() {
  number();
  list().closest('form').dispatchEvent(new Event('input'));
  document.dispatchEvent(new CustomEvent('chapters'));
}

/** Every line with a time, in the order of time: the time, the title, the line. */
export function readChapters() {
  if (!list()) return null;
  return $$('li', list())
    .map((line) => [time(line), $('[name=chapter]', line).value, line])
    .filter(([at]) => Number.isFinite(at))
    .sort((one, other) => one[0] - other[0]);
}

export function addChapter(at = null) {
  const line = $('#chapter-line').content.firstElementChild.cloneNode(true);
  const field = $('[name=at]', line);
  if (at !== null) field.value = stamp(at);
  list().append(line);
  sort();
  number();
  document.dispatchEvent(new CustomEvent('chapters'));
  (at === null ? field : $('[name=chapter]', line)).focus();
}

/** Give a line another time. */
export function moveChapter(line, at) {
  $('[name=at]', line).value = stamp(Math.max(0, at));
  changed();
}

export function openChapters() {
  if (!list()) return;
  list().addEventListener('click', (event) => {
    if (!event.target.closest('[data-drop]')) return;
    const line = event.target.closest('li');
    const next = line.nextElementSibling ?? line.previousElementSibling;
    line.remove();
    changed();
    (next ? $('[name=chapter]', next) : $('[data-add-chapter]')).focus();
  });
  list().addEventListener('input', () => {
    wait();
    document.dispatchEvent(new CustomEvent('chapters'));
  });
  list().addEventListener('change', (event) => event.target.name === 'at' && sort());
  list().addEventListener('keydown', onKey);
  $('[data-add-chapter]').addEventListener('click', () => addChapter());
  // The rules are the server's: said again at each save, and of the lines themselves.
  new MutationObserver(blame).observe($('#chapter-rules').parentElement, { childList: true });
  blame();
}

/** Put each sentence about a chapter under its line, and tie it to its fields. */
function blame() {
  for (const line of $$('li', list())) {
    const about = $$('#chapter-rules [data-at]').filter(({ dataset }) => Math.abs(Number(dataset.at) - time(line)) < 0.002);
    const wrong = about.filter((note) => !note.matches('.not-shown'));
    const said = $('.ch-said', line);
    said.textContent = about.map((note) => note.textContent).join(' ');
    said.classList.toggle('ch-wrong', wrong.length > 0);
    line.classList.toggle('chap-wrong', wrong.length > 0);
    for (const field of $$('input', line)) {
      if (wrong.length) field.setAttribute('aria-invalid', 'true');
      else field.removeAttribute('aria-invalid');
      if (about.length) field.setAttribute('aria-describedby', said.id);
      else field.removeAttribute('aria-describedby');
    }
  }
}

/** Enter begins the next line; up and down in a time move it by a second, by a tenth with Shift. */
function onKey(event) {
  const line = event.target.closest('li');
  if (event.key === 'Enter' && event.target.matches('input')) {
    event.preventDefault();
    const next = line.nextElementSibling;
    if (next) $(`[name=${event.target.name}]`, next).focus();
    else addChapter();
    return;
  }
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || event.target.name !== 'at' || !Number.isFinite(time(line))) return;
  event.preventDefault();
  moveChapter(line, time(line) + step * (event.shiftKey ? 0.1 : 1));
}

function sort() {
  const focused = document.activeElement;
  const lines = $$('li', list());
  const sorted = lines.toSorted((one, other) => (time(one) || 0) - (time(other) || 0));
  if (sorted.every((line, place) => line === lines[place])) return;
  list().append(...sorted);
  focused?.focus();
  number();
}

/** A line with a time and no name, or a name and no time, waits: what is saved is whole. */
function wait() {
  const half = $$('li', list()).some((line) => Boolean($('[name=at]', line).value.trim()) !== Boolean($('[name=chapter]', line).value.trim()));
  list().closest('form').toggleAttribute('data-half-typed', half);
}

function number() {
  wait();
  $$('li', list()).forEach((line, place) => {
    for (const spot of $$('[data-place]', line)) spot.textContent = place + 1;
    $('.ch-said', line).id = `ch-said-${place + 1}`;
  });
}
