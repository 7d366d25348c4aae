// One curve against what is usual; colours come from the page and change with it.
import { $ } from './dom.js';

const HEIGHT = 290;
const source = $('#curve-data');

if (source) {
  const data = JSON.parse(source.textContent);
  const lang = document.documentElement.lang;
  const compact = new Intl.NumberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 });
  const probe = document.createElement('i');
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const last = data.hours[data.hours.length - 1];
  const inDays = last > 60;
  const label = (hours) => (inDays ? `${Math.round(hours / 24)} ${lang === 'fr' ? 'j' : 'd'}` : `${hours} h`);
  let chart = null;

  const draw = () => {
    chart?.destroy();
    const soft = colour('--soft');
    const rule = colour('--rule');
    const font = '12.5px Instrument, sans-serif';
    const hidden = { stroke: 'transparent', spanGaps: true, points: { show: false } };
    chart = new window.uPlot(
      {
        width: $('#curve').clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 } },
        padding: [8, 22, 0, 0],
        scales: { x: { time: false } },
        axes: [
          {
            stroke: soft,
            font,
            grid: { show: false },
            ticks: { stroke: rule, size: 5 },
            space: 64,
            incrs: inDays ? [24, 48, 96, 168, 336] : [0.5, 1, 2, 3, 6, 12, 24],
            values: (_chart, values) => values.map((hours) => (hours ? label(hours) : '0')),
          },
          {
            stroke: soft,
            font,
            grid: { stroke: rule, width: 1 },
            ticks: { show: false },
            values: (_chart, values) => values.map((views) => compact.format(views)),
            size: 56,
          },
        ],
        bands: [{ series: [2, 1], fill: colour('--band') }],
        series: [
          {},
          hidden,
          hidden,
          { stroke: soft, width: 1.6, dash: [5, 4], spanGaps: true, points: { show: false } },
          { stroke: colour('--red'), width: 3, spanGaps: true, points: { show: false } },
        ],
      },
      [data.hours, data.low, data.high, data.median, data.views],
      $('#curve'),
    );
  };

  document.fonts.ready.then(draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => chart?.setSize({ width: $('#curve').clientWidth, height: HEIGHT })).observe($('#main'));
}
