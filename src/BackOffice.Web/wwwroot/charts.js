// Draws a figure.chart from the table in its details: header cells with data-series are the series, cells with data-value the figures. A drawing tells nothing that the table does not.
(() => {
  const quietMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;

  // One role, one colour, on every page. Kept apart under the three colour blindnesses; each at least 3:1 on its ground.
  const palette = {
    light: { uncached_input: '#4173fb', cache_read: '#37705a', cache_write_5m: '#9625a8', cache_write_1h: '#542e16', output: '#e17300', unpriced: '#98918c', total: '#98918c', more: '#e17300', less: '#4173fb', amount: '#4173fb' },
    dark: { uncached_input: '#5a86fa', cache_read: '#84f2cd', cache_write_5m: '#d455a0', cache_write_1h: '#ffdc5a', output: '#dc9a48', unpriced: '#a9b8d8', total: '#a9b8d8', more: '#dc9a48', less: '#5a86fa', amount: '#5a86fa' },
  };

  function look() {
    const theme = document.documentElement.dataset.bsTheme === 'dark' ? 'dark' : 'light';
    const body = getComputedStyle(document.body);
    return {
      colours: palette[theme],
      text: theme === 'dark' ? '#b8bec7' : '#5f6570',
      rule: theme === 'dark' ? '#3d434b' : '#dce1e7',
      ground: theme === 'dark' ? '#1f2630' : '#ffffff',
      strong: body.color,
      font: body.fontFamily,
    };
  }

  function read(table) {
    const heads = [...table.tHead.rows[0].cells];
    const series = heads.map((cell, column) => ({ column, role: cell.dataset.series, name: cell.textContent.trim() })).filter(one => one.role);
    const rows = [...table.tBodies[0].rows];
    return {
      labels: rows.map(row => row.cells[0].dataset.category || row.cells[0].textContent.trim()),
      kinds: rows.map(row => row.dataset.kind || ''),
      series: series.map(one => ({ ...one, values: rows.map(row => Number(row.cells[one.column].dataset.value || 0)) })),
    };
  }

  const short = (value, digits = 4) => {
    const size = Math.abs(value);
    const [unit, sign] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'K'] : [1, ''];
    return `${Number((value / unit).toPrecision(digits))}${sign}`.replace('-', '\u2212');
  };
  const exact = value => value.toLocaleString('en', { maximumFractionDigits: 9 }).replace('-', '\u2212');

  function base(style, data) {
    return {
      animation: !quietMotion,
      animationDuration: 200,
      aria: { enabled: true, decal: { show: true } },
      textStyle: { fontFamily: style.font, color: style.text },
      grid: { left: 8, right: 8, top: 36, bottom: 8, containLabel: true },
      tooltip: {
        renderMode: 'richText', trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: exact, confine: true,
        backgroundColor: style.ground, borderColor: style.rule, textStyle: { color: style.strong, fontFamily: style.font },
      },
      xAxis: { type: 'category', data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: style.rule } }, axisLabel: { color: style.text, hideOverlap: true } },
      yAxis: { type: 'value', axisLabel: { color: style.text, formatter: value => short(value) }, splitLine: { lineStyle: { color: style.rule } } },
    };
  }

  function stacked(style, data) {
    const shown = data.series.filter(one => one.values.some(value => value !== 0));
    return {
      ...base(style, data),
      legend: { show: shown.length > 1, top: 0, left: 0, icon: 'roundRect', itemWidth: 14, itemHeight: 10, textStyle: { color: style.text } },
      series: shown.map((one, place) => ({
        name: one.name, type: 'bar', stack: 'all', data: one.values, barMaxWidth: 36,
        itemStyle: { color: style.colours[one.role], decal: { symbol: ['rect', 'rect', 'circle', 'diamond', 'triangle'][place % 5], symbolSize: place === 0 ? 0 : 0.6, color: 'rgba(255,255,255,0.25)' } },
      })),
    };
  }

  // What stands above a bar; where bars are close together the sign alone says what the arrow does.
  function caption({ value, isTotal }, isNarrow) {
    if (isTotal) return short(value, isNarrow ? 3 : 4);
    const [arrow, sign] = value > 0 ? ['\u25b2 ', '+'] : value < 0 ? ['\u25bc ', ''] : ['', ''];
    return (isNarrow ? '' : arrow) + sign + short(value, isNarrow ? 3 : 4);
  }

  // Steps hang between two totals. What a step adds is orange with an arrow up, what it takes off blue with an arrow down.
  function waterfall(style, data, isNarrow) {
    const values = data.series[0].values;
    const bars = [];
    let level = 0;
    values.forEach((value, place) => {
      const isTotal = data.kinds[place] === 'total';
      const from = isTotal ? 0 : level;
      level = isTotal ? value : level + value;
      bars.push({ from, to: level, value, isTotal });
    });
    const ends = bars.flatMap(bar => bar.isTotal ? [bar.to] : [bar.from, bar.to]);
    const [least, most] = [Math.min(...ends), Math.max(...ends)];
    // The steps are small beside the totals: the axis begins near them, and says so by its own figures.
    const floor = least > 0 && most - least < most / 4 ? least - (most - least || most / 10) * 0.5 : Math.min(0, least);
    const options = base(style, data);
    return {
      ...options,
      xAxis: { ...options.xAxis, axisLabel: { ...options.xAxis.axisLabel, hideOverlap: false, interval: 0, rotate: isNarrow ? 45 : 0 } },
      // Where the axis begins near the steps, its first figure is crooked and stands in the next one's place.
      yAxis: { ...options.yAxis, min: floor, scale: true, axisLabel: { ...options.yAxis.axisLabel, showMinLabel: floor === 0 } },
      tooltip: { ...options.tooltip, formatter: parts => `${data.labels[parts[0].dataIndex]}\n${exact(values[parts[0].dataIndex])}` },
      series: [
        { type: 'bar', stack: 'all', silent: true, itemStyle: { color: 'transparent', decal: { symbolSize: 0 } }, data: bars.map(bar => bar.isTotal ? floor : Math.min(bar.from, bar.to)) },
        {
          type: 'bar', stack: 'all', barMaxWidth: 64, labelLayout: { hideOverlap: true },
          label: { show: true, position: 'top', color: style.strong, fontSize: isNarrow ? 10 : 12, formatter: part => caption(bars[part.dataIndex], isNarrow) },
          data: bars.map(bar => ({
            value: bar.isTotal ? bar.to - floor : Math.abs(bar.to - bar.from),
            itemStyle: { color: style.colours[bar.isTotal ? 'total' : bar.value < 0 ? 'less' : 'more'], decal: { symbolSize: 0 } },
          })),
        },
      ],
    };
  }

  const kinds = { stacked, waterfall };
  const drawn = new Map();

  function draw(figure) {
    const plot = figure.querySelector('.chart-plot');
    const chart = drawn.get(figure) ?? echarts.init(plot, null, { renderer: 'canvas' });
    drawn.set(figure, chart);
    const data = read(figure.querySelector('table'));
    chart.setOption(kinds[figure.dataset.chart](look(), data, plot.clientWidth < 480), true);
    figure.dataset.drawn = 'yes';
  }

  document.addEventListener('DOMContentLoaded', () => {
    const figures = [...document.querySelectorAll('figure.chart')];
    figures.forEach(draw);
    new MutationObserver(() => figures.forEach(draw)).observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });
    const sizes = new ResizeObserver(entries => entries.forEach(entry => drawn.get(entry.target.closest('figure'))?.resize()));
    figures.forEach(figure => sizes.observe(figure.querySelector('.chart-plot')));
    addEventListener('beforeprint', () => figures.forEach(figure => figure.querySelector('details').open = true));
  });
})();
