// A guest's page: say something at this moment of the film, and go to a moment.
import { $, clock } from './dom.js';

const film = $('#film');
document.addEventListener('click', (event) => {
  if (!film) return;
  const jump = event.target.closest('[data-seek]');
  if (jump) film.currentTime = Number(jump.dataset.seek);
  if (event.target.closest('[data-remark]')) {
    const form = $('.rq-new');
    form.elements.at.value = clock(film.currentTime);
    form.elements.text.focus();
  }
});
