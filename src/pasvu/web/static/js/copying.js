// Copying the text of a field, where a button says so.
import { $, say } from './dom.js';

export function openCopying() {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    const field = $(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      say(button.dataset.done);
    } catch {
      // No clipboard outside HTTPS: the text is selected, and a person copies it.
    }
  });
}
