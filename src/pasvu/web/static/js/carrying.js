// Carrying a card to a place: with a mouse as soon as it moves, with a finger after a long press, so that a page scrolls.

const LONG_PRESS_MS = 350;
// A finger at rest trembles more than a mouse.
const STILL_PX = { finger: 10, mouse: 4 };
const EDGE_PX = 64;
const SCROLL_PX = 14;
// Who has carried one by finger knows how: the page says it no more.
const KNOWN = 'pasvu-carried';
document.documentElement.classList.toggle('carried-before', localStorage.getItem(KNOWN) !== null);

/**
 * Let the cards under `root` be carried. `cardAt(element)` is the card that a press there takes, `placeAt(element, card)`
 * the place that would take it there; both may be null. `taken(card)`, `over(place)` and `left(card)` show it, and
 * `put(card, place)` does it; `sideways()` is what scrolls to both sides meanwhile, if anything does.
 */
export function carry(root, { cardAt, placeAt, over, put, taken = () => {}, left = () => {}, sideways = () => null }) {
  let pressed = null;
  let carried = null;
  let ended = false;

  root.addEventListener('pointerdown', (event) => {
    if (carried || !event.isPrimary || event.button !== 0) return;
    const card = cardAt(event.target);
    if (!card) return;
    const by = event.pointerType === 'mouse' ? 'mouse' : 'finger';
    pressed = { card, by, x: event.clientX, y: event.clientY };
    if (by === 'finger') pressed.timer = setTimeout(lift, LONG_PRESS_MS);
  });

  window.addEventListener('pointermove', (event) => {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STILL_PX[pressed.by]) {
      if (pressed.by === 'mouse') lift();
      else forget();
    }
    if (carried) follow(event.clientX, event.clientY);
  });
  for (const name of ['pointerup', 'pointercancel']) {
    window.addEventListener(name, () => {
      end(name === 'pointerup' ? carried?.place : null);
      // The click that a release makes comes before this.
      setTimeout(() => (ended = false));
    });
  }
  window.addEventListener(
    'keydown',
    (event) => {
      if (!carried || event.key !== 'Escape') return;
      event.stopPropagation();
      end(null);
    },
    true,
  );

  // What the browser would do by itself with a card in the hand: scroll, its menu, its own dragging, follow the link.
  root.addEventListener('touchmove', (event) => carried && event.cancelable && event.preventDefault(), { passive: false });
  root.addEventListener('contextmenu', (event) => (carried || pressed?.by === 'finger') && event.preventDefault());
  root.addEventListener('dragstart', (event) => cardAt(event.target) && event.preventDefault());
  root.addEventListener(
    'click',
    (event) => {
      if (!ended) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  function lift() {
    const { card, x, y } = pressed;
    if (!card.isConnected) return forget();
    const box = card.getBoundingClientRect();
    carried = { card, x, y, byFinger: pressed.by === 'finger', moved: false, fromX: x - box.left, fromY: y - box.top, shown: shown(pressed, box), place: null };
    forget();
    document.body.dataset.busy = 'yes';
    getSelection().removeAllRanges();
    keepInView(card, () => {
      card.classList.add('lifted');
      document.body.classList.add('carrying');
      taken(card);
    });
    follow(x, y);
    requestAnimationFrame(scroll);
  }

  function follow(x, y) {
    carried.moved ||= Math.hypot(x - carried.x, y - carried.y) > 0;
    Object.assign(carried, { x, y });
    carried.shown.style.translate = `${x - carried.fromX}px ${y - carried.fromY}px`;
    const under = document.elementFromPoint(x, y);
    const place = under && placeAt(under, carried.card);
    if (place === carried.place) return;
    carried.place = place;
    over(place);
  }

  // Near an edge of the window, what lies beyond comes nearer.
  function scroll() {
    if (!carried) return;
    const { x, y, moved, place } = carried;
    requestAnimationFrame(scroll);
    // Not under a hand that rests where it took the card, nor over a name, which stands for what is elsewhere.
    if (!moved || place?.matches('a')) return;
    window.scrollBy(0, toward(y, window.innerHeight));
    const wide = sideways();
    if (wide) wide.scrollLeft += toward(x, window.innerWidth);
    follow(x, y);
  }

  function end(place) {
    forget();
    if (!carried) return;
    const { card, byFinger } = carried;
    carried.shown.remove();
    delete document.body.dataset.busy;
    carried = null;
    ended = true;
    keepInView(place ?? card, () => {
      card.classList.remove('lifted');
      document.body.classList.remove('carrying');
      over(null);
      left(card);
    });
    if (!place) return;
    if (byFinger) localStorage.setItem(KNOWN, 'yes');
    put(card, place);
  }

  function forget() {
    clearTimeout(pressed?.timer);
    pressed = null;
  }
}

// Where places show only to who holds a card, what lies under the finger must not be carried off.
function keepInView(element, change) {
  const before = element.getBoundingClientRect().top;
  change();
  window.scrollBy(0, element.getBoundingClientRect().top - before);
}

/** How far to scroll in a frame: the nearer to the edge, the faster. */
function toward(at, size) {
  const into = Math.min(at - EDGE_PX, 0) + Math.max(at - (size - EDGE_PX), 0);
  return SCROLL_PX * Math.max(-1, Math.min(into / EDGE_PX, 1));
}

// A likeness of the card, for the eyes alone: nothing in it is another of anything.
function shown({ card, by, x, y }, box) {
  const holder = document.createElement('div');
  holder.className = `carried carried-${by}`;
  holder.inert = true;
  holder.ariaHidden = 'true';
  holder.style.width = `${box.width}px`;
  holder.style.transformOrigin = `${x - box.left}px ${y - box.top}px`;
  const likeness = card.cloneNode(true);
  for (const each of [likeness, ...likeness.querySelectorAll('[id]')]) each.removeAttribute('id');
  for (const each of likeness.querySelectorAll('form, button, label')) each.remove();
  holder.append(likeness);
  document.body.append(holder);
  return holder;
}
