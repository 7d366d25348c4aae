// Every chart of the audience: lines and bands as the page's JSON says, in the page's colours, read out under the pointer.
import { $, $$ } from './dom.js';

const lang = document.documentElement.lang;
const whole = new Intl.NumberFormat(lang);
const compact = new Intl.NumberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 });
const dated = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const FONT = '12.5px Instrument, sans-serif';
const PLAIN = { spanGaps: false, points: { show: false } };
// How each style of line is drawn; colours are names of the page's own variables.
const STYLES = {
  own: { colour: '--red', width: 3 },
  median: { colour: '--soft', width: 1.6, dash: [5, 4] },
  low: { width: 0 },
  high: { width: 0 },
  'f-low': { width: 0 },
  'f-high': { width: 0 },
  forecast: { colour: '--red', width: 1.6, dash: [2, 4] },
  faint: { colour: '--faint', width: 1 },
  estimated: { colour: '--s-to-mend', width: 0, points: true },
  measure: { colour: '--s-ready', width: 2.5 },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`c${n}`, { colour: `--c${n}`, width: 2.5 }])),
};

const probe = document.createElement('i');
probe.hidden = true;
document.body.append(probe);
const colour = (name) => {
  probe.style.color = name ? `var(${name})` : 'transparent';
  return getComputedStyle(probe).color;
};

/** Columns on shared x: absent (undefined) where a line has no point, null where it is broken. */
function columns(lines) {
  const xs = [...new Set(lines.flatMap((line) => line.points.map((point) => point[0])))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, index) => [x, index]));
  return [
    xs,
    ...lines.map((line) => {
      const column = new Array(xs.length);
      for (const [x, y] of line.points) column[place.get(x)] = y;
      return column;
    }),
  ];
}

const hours = (x) => (x >= 72 ? `${Math.round(x / 2.4) / 10} ${lang === 'fr' ? 'j' : 'd'}` : `${Math.round(x * 10) / 10} h`);
const AXES = {
  hours: (until) => ({
    incrs: until > 60 ? [24, 48, 96, 168, 336] : [0.5, 1, 2, 3, 6, 12, 24],
    values: (_chart, values) =>
      values.map((x) => (x === 0 ? '0' : until > 60 ? `${Math.round(x / 24)} ${lang === 'fr' ? 'j' : 'd'}` : `${x} h`)),
    say: hours,
  }),
  dates: () => ({
    incrs: [86400, 2 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 56 * 86400],
    values: (_chart, values) => values.map((x) => dated.format(new Date(x * 1000))),
    say: (x) => dated.format(new Date(x * 1000)),
  }),
  times: () => ({
    incrs: [1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
    values: (_chart, values) => values.map(clock),
    say: clock,
  }),
};

function clock(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const s = Math.round(seconds);
  return `${s >= 3600 ? `${Math.floor(s / 3600)}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Draw one chart; returns what draws it again when colours or width change. */
function draw(place) {
  const spec = JSON.parse($(`#${place.dataset.chart}`).textContent);
  const data = columns(spec.lines);
  const last = data[0][data[0].length - 1] ?? 0;
  const until = spec.until ? Math.min(spec.until, last || spec.until) : last;
  const axis = AXES[spec.x](until);
  const percent = spec.y === 'percent';
  const shown = (y) => (percent ? `${Math.round(y)} %` : whole.format(y));
  const readout = $(`[data-readout="${place.id}"]`);
  let chart = null;

  const read = ({ cursor: { idx }, data: now }) => {
    if (idx == null) {
      readout.textContent = '';
      return;
    }
    const said = spec.lines
      .map((line, number) => [line, valueAt(now, number + 1, idx)])
      .filter(([line, y]) => line.label && y != null && line.style !== 'faint')
      .map(([line, y]) => `${line.label} ${shown(y)}`);
    readout.textContent = said.length ? `${axis.say(now[0][idx])} : ${said.join(' · ')}` : '';
  };

  const make = () => {
    chart?.destroy();
    const soft = colour('--soft');
    const rule = colour('--rule');
    chart = new window.uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        cursor: { y: false, points: { size: 7, show: spec.lines.length < 12 }, drag: { x: false } },
        padding: [spec.marks?.length ? 24 : 10, 22, 0, 0],
        scales: {
          x: { time: false, range: spec.until ? [0, until] : undefined },
          y: { range: (_chart, low, high) => [Math.min(0, low), nice(high)] },
        },
        axes: [
          { stroke: soft, font: FONT, grid: { show: false }, ticks: { stroke: rule, size: 5 }, space: 64, size: 34, ...axis },
          {
            stroke: soft,
            font: FONT,
            grid: { stroke: rule, width: 1 },
            ticks: { show: false },
            values: (_chart, values) => values.map((y) => (percent ? `${y} %` : compact.format(y))),
            size: 56,
          },
        ],
        bands: spec.bands.map(([top, bottom, name]) => ({ series: [top + 1, bottom + 1], fill: colour(`--${name}`) })),
        series: [
          {},
          ...spec.lines.map((line) => {
            const style = STYLES[line.style];
            return {
              ...PLAIN,
              stroke: style.width ? colour(style.colour) : 'transparent',
              width: style.width,
              dash: style.dash,
              points: style.points ? { show: true, size: 7, fill: colour(style.colour), stroke: colour(style.colour) } : { show: false },
            };
          }),
        ],
        hooks: { setCursor: [read], draw: [(u) => marks(u, spec.marks ?? [], soft)] },
      },
      data,
      place,
    );
    place.dispatchEvent(new CustomEvent('drawn', { bubbles: true, detail: { chart, spec } }));
  };
  make();
  return { make, resize: () => chart.setSize({ width: place.clientWidth, height: place.clientHeight }) };
}

/** The value of a line at a place, or the nearest one before it: lines do not share all their points. */
function valueAt(data, number, idx) {
  for (let place = idx; place >= 0; place -= 1) {
    if (data[number][place] !== undefined) return data[number][place];
  }
  return undefined;
}

/** Upright lines with a word above the chart, where no curve runs: chapters, the day a view changed its meaning. */
function marks(u, all, ink) {
  const { ctx } = u;
  ctx.save();
  ctx.font = `${11.5 * devicePixelRatio}px Instrument, sans-serif`;
  ctx.textAlign = 'left';
  ctx.fillStyle = ctx.strokeStyle = ink;
  ctx.lineWidth = devicePixelRatio;
  let free = -Infinity;
  for (const [x, word] of all) {
    const left = Math.round(u.valToPos(x, 'x', true));
    if (left < u.bbox.left || left > u.bbox.left + u.bbox.width) continue;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, u.bbox.top);
    ctx.lineTo(left, u.bbox.top + u.bbox.height);
    ctx.stroke();
    const width = ctx.measureText(word).width;
    // A word that would run into the one before, or out of the chart, is left to the table.
    if (left > free && left + width < u.bbox.left + u.bbox.width) {
      ctx.fillText(word, left, u.bbox.top - 6 * devicePixelRatio);
      free = left + width + 14 * devicePixelRatio;
    }
  }
  ctx.restore();
}

/** The next round number above. */
function nice(high) {
  if (!(high > 0)) return 1;
  const step = 10 ** Math.floor(Math.log10(high));
  return Math.ceil((high * 1.04) / (step / 2)) * (step / 2);
}

// A click on the retention curve shows that moment in the preview.
document.addEventListener('drawn', ({ detail: { chart, spec } }) => {
  const film = $('#ret-film');
  if (!spec.jumps || !film) return;
  chart.over.classList.add('jumps');
  chart.over.addEventListener('click', () => {
    const at = spec.jumps[chart.cursor.idx ?? -1];
    if (at === undefined) return;
    const go = () => {
      film.currentTime = Math.max(0, at);
    };
    if (film.readyState) go();
    else {
      film.addEventListener('loadedmetadata', go, { once: true });
      film.preload = 'metadata';
      film.load();
    }
    film.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  });
});

const places = $$('[data-chart]');
if (places.length) {
  document.fonts.ready.then(() => {
    const begun = performance.now();
    const drawn = places.map(draw);
    // uPlot draws after this turn: what counts is when the picture is there.
    requestAnimationFrame(() =>
      setTimeout(() => {
        document.documentElement.dataset.drawn = String(Math.round(performance.now() - begun));
      }),
    );
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach((each) => each.make()));
    new ResizeObserver(() => drawn.forEach((each) => each.resize())).observe($('#main'));
  });
}
