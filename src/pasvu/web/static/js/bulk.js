// The selection: chosen by box, by key or by column; it survives every redrawing of the board.
import { $, $$, notice, post, typing } from './dom.js';

const board = $('#board');
const bar = $('#bulk');
const chosen = new Set();
let last = null;

const box = (card) => $('.pick input', card);

function show() {
  const there = new Set($$('.card', board).map((card) => card.dataset.id));
  // A card that left the page cannot be seen, hence not be meant.
  for (const id of chosen) if (!there.has(id)) chosen.delete(id);
  for (const card of $$('.card', board)) {
    const mine = chosen.has(card.dataset.id);
    card.classList.toggle('chosen', mine);
    box(card).checked = mine;
  }
  for (const button of $$('[data-pick-all]', board)) {
    button.setAttribute('aria-pressed', String(cardsOf(button).every((card) => chosen.has(card.dataset.id))));
  }
  bar.classList.toggle('shown', chosen.size > 0);
  board.classList.toggle('picking', chosen.size > 0);
  $('[data-count]', bar).textContent = chosen.size;
  $('[data-noun]', bar).textContent = chosen.size < 2 ? bar.dataset.one : bar.dataset.many;
}

const cardsOf = (button) => $$('.card', button.closest('.col'));

function choose(card, wanted) {
  if (wanted) chosen.add(card.dataset.id);
  else chosen.delete(card.dataset.id);
}

// With Shift, everything between the last choice and this one, as in any list of files.
function upTo(card, wanted) {
  const cards = $$('.card', board);
  const from = cards.findIndex((each) => each.dataset.id === last);
  const to = cards.indexOf(card);
  if (from < 0) return choose(card, wanted);
  for (const each of cards.slice(Math.min(from, to), Math.max(from, to) + 1)) choose(each, wanted);
}

board.addEventListener('click', (event) => {
  const button = event.target.closest('[data-pick-all]');
  if (button) {
    const cards = cardsOf(button);
    const wanted = !cards.every((card) => chosen.has(card.dataset.id));
    for (const card of cards) choose(card, wanted);
    show();
    return;
  }
  if (!event.target.matches('.pick input')) return;
  const card = event.target.closest('.card');
  if (event.shiftKey) upTo(card, event.target.checked);
  else choose(card, event.target.checked);
  last = card.dataset.id;
  show();
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosen.size && !$('dialog[open]')) {
    release();
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
  const card = document.activeElement.closest('.card');
  if (event.key.toLowerCase() !== 'x' || !card) return;
  const wanted = !chosen.has(card.dataset.id);
  if (event.shiftKey) upTo(card, wanted);
  else choose(card, wanted);
  last = card.dataset.id;
  show();
});

function release() {
  chosen.clear();
  bar.reset();
  show();
}

bar.addEventListener('reset', () => {
  chosen.clear();
  // The boxes are emptied by the browser once this listener has ended.
  queueMicrotask(show);
});

bar.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = new FormData(bar);
  const button = event.submitter;
  button.disabled = true;
  const done = await notice(await post(button.formAction, fields).catch(() => null));
  button.disabled = false;
  if (done) release();
  document.body.dispatchEvent(new CustomEvent('moved'));
});

document.addEventListener('htmx:after:swap', show);
new MutationObserver(show).observe(board, { childList: true, subtree: true });
show();
