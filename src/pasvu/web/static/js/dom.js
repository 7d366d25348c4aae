// Small words for what every module does with the page.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export const token = () => $('meta[name=csrf]').content;

/** POST as a script of ours: the reply is a notice or parts of the page, also when it is refused. */
export async function post(address, fields) {
  const send = () =>
    fetch(address, {
      method: 'POST',
      headers: { 'X-Requested-With': 'fetch', 'X-CSRFToken': token() },
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
    });
  const reply = await send();
  if (reply.headers.get('X-Token') !== 'refused' || !(await newToken())) return reply;
  if (fields instanceof FormData) fields.set('csrf_token', token());
  return send();
}

/** A token of the session that another tab may have begun meanwhile. */
async function newToken() {
  const page = await fetch(location.href).then((reply) => reply.text());
  const found = new DOMParser().parseFromString(page, 'text/html').querySelector('meta[name=csrf]');
  if (found) $('meta[name=csrf]').content = found.content;
  return found !== null;
}

/** Put parts of the page in the place of those with the same ids; what is the same stays, and is not read out again. */
export function replaceById(html) {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  for (const part of [...holder.content.children]) {
    const there = document.getElementById(part.id);
    if (there && !there.isEqualNode(part)) there.replaceWith(part);
  }
}

/** Show the notice of a reply; true when it was done. */
export async function notice(reply) {
  if (!reply) return say(document.body.dataset.offline, true);
  const elsewhere = reply.headers.get('HX-Redirect');
  if (elsewhere) {
    location.href = elsewhere;
    return true;
  }
  const text = (await reply.text()).trim();
  if (text.startsWith('<div class="toast')) $('#toasts').insertAdjacentHTML('beforeend', text);
  return reply.ok;
}

/** A notice of our own words; returns false, so that a failed act can end with it. */
export function say(sentence, wrong = false) {
  const toast = document.createElement('div');
  toast.className = wrong ? 'toast toast-wrong' : 'toast';
  const words = document.createElement('span');
  words.textContent = sentence;
  toast.append(words);
  $('#toasts').append(toast);
  return false;
}

/** `0:52:14.250`, or `0:52:14`, as the cut is typed. */
export function stamp(seconds) {
  const ms = Math.round(Math.max(0, seconds) * 1000) % 1000;
  return ms ? `${clock(seconds)}.${String(ms).padStart(3, '0')}` : clock(seconds);
}

/** `0:52:14`, of the second that has begun. */
export function clock(seconds) {
  const whole = Math.floor(Math.round(Math.max(0, seconds) * 1000) / 1000);
  const two = (number) => String(number).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Seconds from `83.5`, `1:23` or `0:01:23.500`; NaN when it is not a time. */
export function seconds(text) {
  const parts = text.trim().replace(',', '.').split(':');
  if (!parts.length || parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part))) return NaN;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

export const typing = (target) => target.matches?.('input:not([type=radio]):not([type=range]), select, textarea');

/** The nodes of a title or a name of a file that may break after its underscores. */
export const breaking = (name) => name.split(/(?<=_)/).flatMap((part) => [part, document.createElement('wbr')]);
