// The calendar: carrying an episode to a day, and the same by keyboard. The server does all date arithmetic.
import { carry } from './carrying.js';
import { $, $$, notice, post } from './dom.js';

// Weeks lie below each other; in the agenda, days do.
const STEPS = $('.agenda')
  ? { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }
  : { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const announce = (text) => {
  $('#say').textContent = text;
};
const words = $('#say').dataset;
const place = (date) => $(`.drop[data-date="${date}"]`);
const dayOf = (card) => card.closest('.drop');
const dates = () => $$('.cal .drop, .agenda .drop').map((drop) => drop.dataset.date);
const today = () => $('.today .drop, .drop.today')?.dataset.date ?? dates()[0];
// Keys act on the grip alone: the title beside it stays a link like any other.
const gripped = (target) => target.closest?.('.grip')?.closest('[data-move]');

let held = null;
let day = '';

async function put(card, date) {
  const from = card.parentElement;
  const next = card.nextSibling;
  // At once; the server's word follows.
  const there = place(date);
  if (there) ($(':scope > ul', there) ?? there).append(card);
  const reply = await post(card.dataset.move, { jour: date }).catch(() => null);
  const done = await notice(reply);
  if (!done) {
    from.insertBefore(card, next);
    announce(words.failed);
    return;
  }
  announce($('#toasts .toast:last-child span')?.textContent ?? '');
  await redraw();
  const moved = document.getElementById(card.id);
  moved && $('.grip', moved)?.focus();
}

// The server draws the truth: times, free places, clock changes.
const redraw = () =>
  window.htmx.ajax('GET', location.pathname + location.search, { target: '#calw', select: '#calw', swap: 'outerMorph' });

function mark(drop) {
  for (const other of $$('.over')) if (other !== drop) other.classList.remove('over');
  drop?.classList.add('over');
}

carry($('#main'), {
  cardAt: (target) => target.closest('[data-move]'),
  placeAt: (target, card) => {
    const drop = target.closest('.drop');
    return drop && !drop.closest('.past') && drop !== dayOf(card) ? drop : null;
  },
  over: mark,
  put: (card, drop) => put(card, drop.dataset.date),
});

document.addEventListener('keydown', (event) => {
  const card = gripped(event.target);
  if (!card) return;
  if (held !== card) {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      take(card);
    } else if (event.key === 'Delete' && dayOf(card).dataset.date) {
      put(card, '');
    }
    return;
  }
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    choose(step);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    const date = day;
    release(card);
    put(card, date);
  } else if (event.key === 'Escape') {
    release(card);
    announce(words.left);
  }
});

function take(card) {
  held = card;
  card.classList.add('held');
  document.body.classList.add('choosing');
  day = dayOf(card).dataset.date || today();
  mark(place(day));
  announce(`« ${card.dataset.title} » ${words.taken}`);
}

function choose(step) {
  const known = dates();
  const next = known[known.indexOf(day) + step];
  if (!next || next < today()) return;
  day = next;
  const drop = place(day);
  mark(drop);
  drop.scrollIntoView({ block: 'nearest' });
  announce($('time', drop).textContent);
}

function release(card) {
  held = null;
  card.classList.remove('held');
  document.body.classList.remove('choosing');
  mark(null);
}

// « Prochain créneau libre »: the same as the form does, without leaving the page.
document.addEventListener('submit', async (event) => {
  if (!event.target.matches('[data-place]')) return;
  event.preventDefault();
  const reply = await post(event.target.action, new FormData(event.target)).catch(() => null);
  if (await notice(reply)) await redraw();
});

document.body.addEventListener('moved', redraw);
