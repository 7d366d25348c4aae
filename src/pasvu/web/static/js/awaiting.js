// What the machine is making is looked for until it is there; then the page is drawn anew.
import { $, $$ } from './dom.js';

const LOOK_EVERY_MS = 1500;
const AWAITED = '[data-awaited]';

export function openAwaiting() {
  if ($(AWAITED)) setTimeout(look, LOOK_EVERY_MS);
}

/** Not under the hand of someone who writes, nor while the film plays. */
const busy = () =>
  document.hidden ||
  $('form.dirty') ||
  $$('video, audio').some((each) => !each.paused) ||
  $$(AWAITED).some((each) => each.closest('section').contains(document.activeElement));

async function look() {
  if (!busy()) {
    const page = await fetch(location.href).then((reply) => (reply.ok ? reply.text() : '')).catch(() => '');
    const fresh = page && new DOMParser().parseFromString(page, 'text/html');
    if (fresh && fresh.querySelectorAll(AWAITED).length !== $$(AWAITED).length && !busy()) return location.reload();
  }
  setTimeout(look, LOOK_EVERY_MS);
}
