// The board: carrying a card, and the same by its list of columns; the server decides and says so.
import { carry } from './carrying.js';
import { $, $$, notice, post } from './dom.js';

const board = $('#board');
const dialog = $('#send-back');
let asked = null;

board.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-move]');
  if (!form) return;
  event.preventDefault();
  const column = form.elements.vers.value;
  if (column) move(form.closest('.card'), column);
});

const allows = (card, place) => card.dataset.to.split(' ').includes(columnOf(place));
// A column, or its name above where the columns do not stand side by side.
const columnOf = (place) => (place.hash ?? `#${place.id}`).slice('#c-'.length);

carry(board, {
  cardAt: (target) => (target.closest('button, select, label, .acts a') ? null : target.closest('.card:not(.card-fixed)')),
  placeAt: (target, card) => {
    const place = target.closest('.col, .tabs a');
    return place && allows(card, place) ? place : null;
  },
  taken: (card) => {
    for (const place of $$('.col, .tabs a', board)) place.classList.toggle('may-drop', allows(card, place));
  },
  over: (place) => {
    for (const other of $$('.over', board)) other.classList.remove('over');
    place?.classList.add('over');
  },
  left: () => {
    for (const place of $$('.may-drop', board)) place.classList.remove('may-drop');
  },
  put: (card, place) => {
    const column = columnOf(place);
    const { parentElement: from, nextSibling: next } = card;
    $(`.cards[data-column="${column}"]`, board).prepend(card);
    move(card, column, () => from.insertBefore(card, next));
  },
  sideways: () => $('.board', board),
});

async function move(card, column, putBack = null) {
  if (column === 'to_mend') {
    asked = { card, putBack };
    $('form', dialog).action = $('form[data-move]', card).action;
    dialog.returnValue = '';
    dialog.showModal();
    return;
  }
  await send(putBack, $('form[data-move]', card).action, { vers: column });
}

async function send(putBack, address, fields) {
  const done = await notice(await post(address, fields).catch(() => null));
  if (!done) putBack?.();
  await redraw();
}

// The server draws the truth: counts, order, what may be moved now.
async function redraw() {
  const live = $('#live');
  const address = new URL(live.dataset.live, location.href);
  address.searchParams.delete('vu');
  await window.htmx.ajax('GET', address.pathname + address.search, { target: '#board', swap: 'innerMorph' });
}

dialog?.addEventListener('close', () => {
  if (asked && dialog.returnValue !== 'sent') redraw();
  asked = null;
});

dialog && $('form', dialog).addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const { putBack } = asked;
  const fields = new FormData(form);
  dialog.close('sent');
  form.reset();
  await send(putBack, form.action, fields);
});

document.body.addEventListener('moved', redraw);
