// An episode's page: what is typed is never lost, and limits show as one types.
import { $, $$, notice, post, say } from './dom.js';
import { openChapters } from './chapters.js';
import { openCut } from './cut.js';

const COUNTS = {
  chars: (text) => [...text].length,
  bytes: (text) => new TextEncoder().encode(text).length,
  // As YouTube counts: commas between tags, and two quotes around a tag that holds a space.
  tags: (text) => {
    const tags = text.split(',').map((tag) => tag.trim()).filter(Boolean);
    return tags.reduce((sum, tag) => sum + tag.length + (tag.includes(' ') ? 2 : 0), 0) + Math.max(0, tags.length - 1);
  },
};
const SHOWN_FROM = 0.6;

for (const field of $$('[data-limit]')) {
  const count = field.parentElement.querySelector('.count');
  const limit = Number(field.dataset.limit);
  const show = () => {
    const used = COUNTS[field.dataset.unit](field.value);
    count.textContent = used > limit * SHOWN_FROM ? `${used} / ${limit}` : '';
    count.classList.toggle('over', used > limit);
  };
  field.addEventListener('input', show);
  show();
}

const keepers = $$('form[data-keep]');
for (const form of keepers) {
  form.addEventListener('input', (event) => {
    if (event.target.matches('[type=range]')) return;
    form.classList.add('dirty');
    const dirty = $('[data-dirty]', form);
    if (dirty) dirty.hidden = false;
  });
  form.addEventListener('submit', (event) => {
    form.classList.remove('dirty');
    // Other forms hold something: this one is sent aside, so that the page, and what is typed on it, stays.
    if (keepers.some((other) => other.classList.contains('dirty'))) {
      event.preventDefault();
      sendAside(form);
    }
  });
}

async function sendAside(form) {
  const reply = await post(form.action, new FormData(form)).catch(() => null);
  const version = reply?.headers.get('X-Version');
  if (!(await notice(reply))) {
    form.classList.add('dirty');
    return;
  }
  for (const input of $$('input[name=version]')) input.value = version;
  const status = $('#status');
  const live = new URL(status.dataset.live, location.href);
  live.searchParams.set('version', version);
  status.dataset.live = live.pathname + live.search;
  const dirty = $('[data-dirty]', form);
  if (dirty) dirty.hidden = true;
}

for (const form of $$('form[data-autosend]')) {
  form.addEventListener('change', () => {
    if (keepers.some((other) => other.classList.contains('dirty'))) sendAside(form);
    else form.requestSubmit();
  });
}

for (const form of $$('form[data-needs-saved]')) {
  form.addEventListener('submit', (event) => {
    const unsaved = keepers.find((other) => other.classList.contains('dirty'));
    if (!unsaved) return;
    event.preventDefault();
    say(document.body.dataset.unsaved, true);
    $('[type=submit]', unsaved).focus();
  });
}

openChapters();
const cut = $('#coupe');
if (cut) openCut(cut);
