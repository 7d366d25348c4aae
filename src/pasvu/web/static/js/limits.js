// How much of each platform's limits is used, as one types; the server counts again at each save.
import { $, $$ } from './dom.js';

const COUNTS = {
  chars: (text) => [...text].length,
  bytes: (text) => new TextEncoder().encode(text).length,
  // Commas between tags, and two quotes around a tag that holds a space.
  tags: (text) => {
    const tags = text.split(',').map((tag) => tag.trim()).filter(Boolean);
    return tags.reduce((sum, tag) => sum + [...tag].length + (tag.includes(' ') ? 2 : 0), 0) + Math.max(0, tags.length - 1);
  },
};

/** Follow every field that counts. Templates add to what is typed: only the difference since the last save is ours. */
export function openLimits() {
  const bases = new Map();
  const fields = $$('[data-counts]');
  const rest = () => fields.forEach((field) => bases.set(field, field.value));
  const show = (field) => {
    for (const limit of $$(`#limits-${field.dataset.counts} [data-limit]`)) {
      const count = COUNTS[limit.dataset.unit];
      const used = Number(limit.dataset.used) + count(field.value) - count(bases.get(field));
      $('b', limit).textContent = used;
      limit.classList.toggle('over', used > Number(limit.dataset.most));
    }
  };
  rest();
  for (const field of fields) field.addEventListener('input', () => show(field));
  document.addEventListener('saved', () => {
    rest();
    fields.forEach(show);
  });
}
