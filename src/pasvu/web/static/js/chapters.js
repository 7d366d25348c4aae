// The list of chapters: adding a line, dropping one, in the order of time.
import { $, $$, seconds, stamp } from './dom.js';

const list = () => $('#chapter-list');
const changed = () => {
  list().closest('form').classList.add('dirty');
  document.dispatchEvent(new CustomEvent('chapters'));
};

export function addChapter(time = null) {
  const line = $('#chapter-line').content.firstElementChild.cloneNode(true);
  const at = $('[name=at]', line);
  if (time !== null) at.value = stamp(time);
  const after = $$('li', list()).find((other) => seconds($('[name=at]', other).value) > time);
  if (after && time !== null) after.before(line);
  else list().append(line);
  $('#no-chapter')?.remove();
  changed();
  (time === null ? at : $('[name=chapter]', line)).focus();
}

export function openChapters() {
  if (!list()) return;
  list().addEventListener('click', (event) => {
    if (!event.target.closest('[data-drop]')) return;
    event.target.closest('li').remove();
    changed();
  });
  list().addEventListener('input', changed);
  $('[data-add-chapter]').addEventListener('click', () => addChapter());
}
