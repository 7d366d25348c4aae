// Saving as one types: each form by itself, one at a time; what could not be saved stays on the page and says so.
import { $, $$, post, replaceById } from './dom.js';

const SOON_MS = 900;
const AGAIN_MS = 5000;
let line = Promise.resolve();

const isDirty = () => $('form.dirty') !== null;

/** Save by itself every form that asks for it. */
export function openSaving() {
  for (const form of $$('form[data-autosave]')) new Saving(form);
  window.addEventListener('beforeunload', (event) => isDirty() && event.preventDefault());
  document.addEventListener('visibilitychange', () => document.hidden && saveAll());
  document.addEventListener('click', settle);
}

/** Save now what still waits; true when nothing is left unsaved in the forms that save themselves. */
export async function saveAll() {
  for (const form of $$('form[data-autosave].dirty')) form.dispatchEvent(new CustomEvent('save-now'));
  await line;
  return $('form[data-autosave].dirty') === null;
}

/** Each field tells whether something is said against it; the first of those. */
function markWrong(form) {
  const wrong = [];
  for (const said of $$('.f-wrong', form)) {
    const field = form.elements[said.id.slice('wrong-'.length)];
    field.toggleAttribute('aria-invalid', false);
    if (!said.textContent) continue;
    field.setAttribute('aria-invalid', 'true');
    wrong.push(field);
  }
  return wrong[0];
}

/** The page now stands on this version of the record. */
export function standOn(version) {
  for (const input of $$('input[name=version]')) input.value = version;
  const status = $('#status');
  if (!status) return;
  const live = new URL(status.dataset.live, location.href);
  live.searchParams.set('version', version);
  status.dataset.live = live.pathname + live.search;
}

class Saving {
  constructor(form) {
    this.form = form;
    this.typed = 0;
    this.drawn = asDrawn(form);
    form.addEventListener('input', () => this.changed(SOON_MS));
    // A choice, or a field that was left: there is nothing more to wait for.
    form.addEventListener('change', () => this.changed(0));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.asked = true;
      this.changed(0);
    });
    form.addEventListener('save-now', () => this.queue());
    form.addEventListener('conflict-settled', ({ detail: { name, theirs } }) => {
      this.drawn.set(name, theirs);
      this.changed(0);
    });
    // Typed before this script was there: on a slow line, the first words are not the ones to lose.
    if (form.matches('[data-by-field]') && fields(form).some(([name, value]) => this.drawn.has(name) && this.drawn.get(name) !== value)) this.changed(0);
  }

  changed(wait) {
    this.typed += 1;
    this.form.classList.add('dirty');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.queue(), wait);
  }

  queue() {
    clearTimeout(this.timer);
    line = line.then(() => this.save()).catch(() => this.retryLater());
    return line;
  }

  async save() {
    if (!this.form.classList.contains('dirty')) return;
    if (this.form.matches('[data-half-typed]')) return tell(document.body.dataset.halfTyped, false);
    const typed = this.typed;
    const sent = new Map(fields(this.form));
    const body = this.body(sent);
    if (body === null) {
      this.form.classList.remove('dirty');
      return;
    }
    const reply = await post(this.form.action, body).catch(() => null);
    if (!reply || reply.status >= 500) return this.retryLater();
    if (reply.status === 401) return tell(document.body.dataset.signedOut);
    replaceById(await reply.text());
    const wrong = markWrong(this.form);
    if (this.asked) wrong?.focus();
    this.asked = false;
    if (!reply.ok || reply.headers.has('X-Refused')) return;
    this.drawn = sent;
    if (this.typed === typed) this.form.classList.remove('dirty');
    standOn(reply.headers.get('X-Version'));
    document.dispatchEvent(new CustomEvent('saved'));
  }

  /** What to send: where the form goes field by field, only those changed, each with what it was drawn from. */
  body(sent) {
    if (!this.form.matches('[data-by-field]')) return new FormData(this.form);
    const body = new URLSearchParams({ version: this.form.elements.version.value });
    let some = false;
    for (const [name, value] of sent) {
      if (value === this.drawn.get(name)) continue;
      some = true;
      body.set(name, value);
      body.set(`seen_${name}`, this.drawn.get(name));
    }
    return some ? body : null;
  }

  retryLater() {
    tell(document.body.dataset.offline);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.queue(), AGAIN_MS);
  }
}

/** Of two texts for one field, the one a person chose. */
function settle(event) {
  const button = event.target.closest('[data-keep-mine], [data-take-theirs]');
  if (!button) return;
  const box = button.closest('.conflict');
  const field = box.closest('.f').querySelector('[name]');
  const { theirs } = box.dataset;
  if (button.matches('[data-take-theirs]')) field.value = theirs;
  box.replaceChildren();
  field.focus();
  field.form.dispatchEvent(new CustomEvent('conflict-settled', { detail: { name: field.name, theirs } }));
}

function tell(sentence, wrong = true) {
  const saved = $('#saved');
  if (!saved) return;
  saved.classList.toggle('saved-wrong', wrong);
  saved.textContent = sentence;
}

/** What the page held when it came, whatever was typed since. */
function asDrawn(form) {
  const drawn = new Map();
  for (const field of form.elements) {
    if (!field.name || field.type === 'radio' || field.type === 'hidden') continue;
    const option = field.options && ([...field.options].find((one) => one.defaultSelected) ?? field.options[0]);
    drawn.set(field.name, option ? option.value : field.defaultValue);
  }
  return drawn;
}

function fields(form) {
  const kept = [];
  for (const [name, value] of new FormData(form)) if (name !== 'csrf_token' && name !== 'version') kept.push([name, value]);
  return kept;
}
