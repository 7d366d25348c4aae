// Captions line by line: follow the film, go to a line, correct one where it stands, find words.
import { $, $$, post } from './dom.js';

const film = $('#film');
const offset = Number(film?.dataset.offset ?? 0);
const list = $('.cues');

document.addEventListener('click', (event) => {
  const jump = event.target.closest('[data-seek]');
  if (jump && film) film.currentTime = Math.max(0, Number(jump.dataset.seek) - offset);
  const link = event.target.closest('[data-edit], [data-leave]');
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open(link.closest('li'), link.matches('[data-leave]'));
});

async function open(line, leave) {
  const place = line.id.slice(1);
  const address = `${location.pathname}/${place}${leave ? '?lire=1' : ''}`;
  const reply = await fetch(address, { headers: { 'X-Requested-With': 'fetch' } });
  if (!reply.ok) return location.assign(`${location.pathname}?ligne=${place}#${line.id}`);
  put(line, await reply.text());
}

/** Put a line's new form in its place, with the keyboard where it was. */
function put(line, html) {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  const made = holder.content.querySelector(`#${line.id}`);
  line.replaceWith(made);
  for (const input of $$('input[name=drawn]')) input.value = made.dataset.drawn;
  ($('textarea', made) ?? $('[data-edit]', made))?.focus();
  return made;
}

list.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = new FormData(form, event.submitter);
  const reply = await post(form.action, fields).catch(() => null);
  // Without a panel to answer, the browser's own way says so, and the text stays in its history.
  if (!reply || !reply.ok) return form.submit();
  const there = reply.headers.get('X-Go');
  if (there) {
    location.assign(there);
    location.reload();
    return;
  }
  put(form.closest('li'), await reply.text());
});

// Enter saves, Shift with it begins a line of text, Escape leaves all as it was.
list.addEventListener('keydown', (event) => {
  const form = event.target.closest('.cue-form');
  if (!form) return;
  if (event.key === 'Enter' && !event.shiftKey && event.target.matches('textarea, input')) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (event.key === 'Escape') open(form.closest('li'), true);
});

film?.addEventListener('timeupdate', () => {
  const now = film.currentTime + offset;
  const line = $$('li', list).find((each) => Number(each.dataset.from) <= now && now < Number(each.dataset.to));
  if (line?.classList.contains('now')) return;
  for (const old of $$('.now', list)) old.classList.remove('now');
  line?.classList.add('now');
  if (line && !film.paused && !$('form', list)) line.scrollIntoView({ block: 'nearest' });
});

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
$('#cue-find').addEventListener('input', (event) => {
  const words = plain(event.target.value);
  const lines = $$('li', list);
  for (const line of lines) line.hidden = !plain(line.textContent).includes(words);
  $('#cue-none').hidden = lines.some((line) => !line.hidden);
});
