// An episode's page: what is typed is saved by itself, and never lost.
import { openAwaiting } from './awaiting.js';
import { $, $$, breaking, say, typing } from './dom.js';
import { openChapters } from './chapters.js';
import { openCopying } from './copying.js';
import { openCut } from './cut.js';
import { openLimits } from './limits.js';
import { openPictures } from './pictures.js';
import { openSaving, saveAll } from './saving.js';

openChapters();
openSaving();
openLimits();
openCopying();
openPictures();
openAwaiting();

// What is decided stands on what is saved: first everything typed, then the decision.
for (const form of $$('form[data-needs-saved]')) {
  form.addEventListener('submit', async (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    const { submitter } = event;
    const all = await saveAll();
    const unsaved = $('form.dirty[data-keep]');
    if (all && !unsaved) {
      form.dataset.sure = 'yes';
      // Not before this event is over: a form asked to submit while it is submitting does nothing.
      setTimeout(() => form.requestSubmit(submitter));
      return;
    }
    say(document.body.dataset.unsaved, true);
    (unsaved ? $('[type=submit]', unsaved) : ($('[aria-invalid]') ?? $('#saved')))?.focus();
  });
}

const title = $('#f-title');
const showTitle = () => $('#title-now').replaceChildren(...breaking(title.value.trim() || title.defaultValue));
if (title) {
  title.addEventListener('input', showTitle);
  showTitle();
}

const cut = $('#coupe');
if (cut) openCut(cut);

// As anywhere: outside a field, which has its own. What is not saved yet is taken back before what is.
document.addEventListener('keydown', (event) => {
  const asked = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z';
  if (!asked || typing(event.target) || $('dialog[open]')) return;
  event.preventDefault();
  const step = $('[data-undo-cut]:not([hidden])');
  if (step) step.click();
  else $('#undo')?.requestSubmit();
});
