// Passages taken out of the middle: a line of times each, and two handles on the wave.
import { $, $$, seconds, stamp } from './dom.js';

const NEW_S = 5;
const LEAST_S = 0.1;

export class Taken {
  constructor(form, length, tools) {
    this.form = form;
    this.length_ = length;
    this.tools = tools;
    this.list = $('#taken', form);
    this.spans = [];
    for (const line of $$('li', this.list ?? form)) if (this.list) this.follow(line);
  }

  /** Seconds taken out between the ends. */
  length({ start, end }) {
    return this.spans.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);
  }

  /** The passage that holds this time. */
  at(time) {
    return this.spans.find(({ from, to }) => time >= from && time < to) ?? null;
  }

  /** Take out a few seconds from `now` on; inside a passage already there, its end comes here. */
  take(now, { start, end }) {
    const there = this.at(now) ?? this.spans.find(({ from }) => from < now && now - from < 60 && !this.between(from, now));
    if (there && there.fresh) {
      this.put(there, 'to', now);
      there.fresh = false;
      return;
    }
    const from = Math.min(Math.max(now, start), end - LEAST_S);
    const span = this.add(from, Math.min(from + NEW_S, end));
    span.fresh = true;
    this.tools.edited();
    $('[name=taken_to]', span.line).focus({ preventScroll: true });
    span.handles.to.focus({ preventScroll: true });
  }

  add(from, to) {
    const line = $('#taken-line', this.form).content.firstElementChild.cloneNode(true);
    $('[name=taken_from]', line).value = stamp(from);
    $('[name=taken_to]', line).value = stamp(to);
    this.list.append(line);
    return this.follow(line);
  }

  /** These passages, and no others. */
  restore(pairs) {
    for (const span of this.spans) this.remove(span);
    this.spans = [];
    for (const [from, to] of pairs) this.add(from, to);
  }

  remove(span) {
    span.handles.from.remove();
    span.handles.to.remove();
    span.line.remove();
  }

  between(from, now) {
    return this.spans.some((span) => span.from > from && span.from < now);
  }

  follow(line) {
    const field = { from: $('[name=taken_from]', line), to: $('[name=taken_to]', line) };
    const span = { line, field, from: seconds(field.from.value), to: seconds(field.to.value), handles: {} };
    this.spans.push(span);
    for (const edge of ['from', 'to']) {
      span.handles[edge] = this.handle(span, edge);
      field[edge].addEventListener('change', () => this.put(span, edge, seconds(field[edge].value)));
    }
    $('[data-put-back]', line).addEventListener('click', () => this.putBack(span));
    $('[data-around-taken]', line).addEventListener('click', () => this.tools.around(span));
    return span;
  }

  handle(span, edge) {
    const made = document.createElement('div');
    made.className = 'h h-taken';
    made.setAttribute('role', 'slider');
    made.tabIndex = 0;
    const named = this.form.dataset[edge === 'from' ? 'nameFrom' : 'nameTo'];
    made.setAttribute('aria-label', `${named} ${this.spans.length}`);
    made.setAttribute('aria-valuemin', 0);
    made.setAttribute('aria-valuemax', Math.floor(this.length_));
    $('.wave', this.form).append(made);
    this.tools.steer(made, { get: () => span[edge], put: (time) => this.put(span, edge, time) });
    return made;
  }

  put(span, edge, time) {
    if (!Number.isFinite(time)) return;
    span[edge] =
      edge === 'from'
        ? Math.min(Math.max(0, time), span.to - LEAST_S)
        : Math.max(Math.min(this.length_, time), span.from + LEAST_S);
    span.field[edge].value = stamp(span[edge]);
    this.tools.edited();
  }

  putBack(span) {
    this.spans = this.spans.filter((other) => other !== span);
    this.remove(span);
    this.tools.edited();
    $('[data-take-out]', this.form).focus();
  }

  /** Lay the handles, and say how long each passage is. */
  place(place) {
    for (const span of this.spans) {
      place(span.handles.from, span.from);
      place(span.handles.to, span.to);
      $('.taken-s', span.line).textContent = `−${(span.to - span.from).toFixed(1).replace('.', ',')} s`;
    }
  }
}
