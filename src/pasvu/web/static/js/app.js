// What every page does: follow what is live, open dialogs, show notices, hear the keys.
import { $, $$, notice, post, typing } from './dom.js';

document.documentElement.classList.add('js');

const LOOK_EVERY_MS = 2000;
const NOTICE_LASTS_MS = 9000;

// A page that a person is leaving is not reloaded under them: they would stay where they were.
const LEAVING_LASTS_MS = 10_000;
let leftAt = 0;
window.addEventListener('beforeunload', () => (leftAt = Date.now()));

// One look every two seconds for each live part, none while nobody sees the tab or a card is in the air.
async function look() {
  if (document.hidden || document.body.dataset.busy) return;
  for (const live of $$('[data-live]')) {
    await window.htmx.ajax('GET', live.dataset.live, {
      target: live.dataset.target,
      swap: live.dataset.swap ?? 'innerMorph',
    });
  }
  const quiet = ($('#film')?.paused ?? true) && !typing(document.activeElement) && !$('dialog[open]');
  if (Date.now() - leftAt < LEAVING_LASTS_MS) return;
  if ($('[data-reload]') && !$('form.dirty') && quiet) reload();
}

// A page that draws itself anew leaves the focus where it was, for whoever goes by keyboard.
const FOCUS = 'pasvu-focus';
function reload() {
  const { id, name, form } = document.activeElement;
  if (id) sessionStorage.setItem(FOCUS, `#${CSS.escape(id)}`);
  else if (name && form?.id) sessionStorage.setItem(FOCUS, `#${CSS.escape(form.id)} [name="${CSS.escape(name)}"]`);
  location.reload();
}
const kept = sessionStorage.getItem(FOCUS);
sessionStorage.removeItem(FOCUS);
if (kept) $(kept)?.focus({ preventScroll: true });

setInterval(look, LOOK_EVERY_MS);
document.addEventListener('visibilitychange', () => !document.hidden && look());

// Notices leave by themselves, unless a person is on them.
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const added of change.addedNodes) if (added.nodeType === 1) leaveLater(added);
  }
}).observe($('#toasts'), { childList: true });

function leaveLater(toast) {
  setTimeout(() => (toast.matches(':hover, :focus-within') ? leaveLater(toast) : toast.remove()), NOTICE_LASTS_MS);
}

document.addEventListener('submit', async (event) => {
  if (!event.target.matches('[data-undo]')) return;
  event.preventDefault();
  const form = event.target;
  const reply = await post(form.action, new FormData(form)).catch(() => null);
  form.closest('.toast').remove();
  await notice(reply);
  document.body.dispatchEvent(new CustomEvent('moved'));
});

// Dialogs: the link that opens one works without this script too.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open]');
  const dialog = opener && $(`dialog#${CSS.escape(opener.dataset.open)}`);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  event.target.closest('[data-close]')?.closest('dialog').close();
  if (event.target.closest('[data-help]')) $('#help').showModal();
});
$('dialog[data-opened]')?.showModal();

// Keys.
const PLACES = { e: 'board', c: 'calendar', d: 'replays', a: 'audience' };
const GO_LASTS_MS = 900;
let goAt = 0;

document.addEventListener('keydown', (event) => {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
  const cards = $$('.card');
  const here = cards.indexOf(document.activeElement.closest('.card'));
  if (Date.now() - goAt < GO_LASTS_MS) {
    goAt = 0;
    $(`.rail nav [data-go="${PLACES[event.key]}"]`)?.click();
    return;
  }
  switch (event.key) {
    case 'g':
      goAt = Date.now();
      break;
    case '/': {
      const search = $('input[type=search]');
      if (search) {
        search.focus();
        event.preventDefault();
      }
      break;
    }
    case '?':
      $('#help')?.showModal();
      break;
    case 'j':
      cards[Math.min(here + 1, cards.length - 1)]?.focus();
      break;
    case 'k':
      cards[Math.max(here - 1, 0)]?.focus();
      break;
    case 'e':
      if (here >= 0) $('h3 a', cards[here]).click();
      break;
  }
});
