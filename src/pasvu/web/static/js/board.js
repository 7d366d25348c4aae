// The board: dragging a card, and the same by its list of columns; the server decides and says so.
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

function makeSortable() {
  for (const list of $$('.cards', board)) {
    if (list.dataset.sortable) continue;
    list.dataset.sortable = 'yes';
    new window.Sortable(list, {
      group: { name: 'board', put: (to, _from, card) => allows(card, to.el) },
      sort: false,
      animation: 120,
      delay: 150,
      delayOnTouchOnly: true,
      filter: '.card-fixed, button, select, .acts a, .pick',
      preventOnFilter: false,
      onStart: (event) => busy(event.item),
      onEnd: (event) => {
        busy(null);
        if (event.from !== event.to) move(event.item, event.to.dataset.column, event.from);
      },
    });
  }
}

const allows = (card, list) => card.dataset.to.split(' ').includes(list.dataset.column);

function busy(card) {
  if (card) document.body.dataset.busy = 'yes';
  else delete document.body.dataset.busy;
  for (const list of $$('.cards', board)) list.classList.toggle('may-drop', Boolean(card) && allows(card, list));
}

async function move(card, column, from = null) {
  if (column === 'to_mend') {
    asked = { card, from };
    $('form', dialog).action = $('form[data-move]', card).action;
    dialog.returnValue = '';
    dialog.showModal();
    return;
  }
  await send(card, from, $('form[data-move]', card).action, { vers: column });
}

async function send(card, from, address, fields) {
  const done = await notice(await post(address, fields).catch(() => null));
  if (!done && from) from.prepend(card);
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
  const { card, from } = asked;
  const fields = new FormData(form);
  dialog.close('sent');
  form.reset();
  await send(card, from, form.action, fields);
});

document.body.addEventListener('moved', redraw);
new MutationObserver(makeSortable).observe(board, { childList: true, subtree: true });
makeSortable();
