import { LineChart, type LineSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeHtml } from "./text.ts";

use([LineChart, GridComponent, SVGRenderer]);

/** A line of a chart: a value an epoch. */
export interface Line {
  readonly name: string;
  readonly values: readonly number[];
  /** A colour of the page. */
  readonly colour: Colour;
}

/** How a chart is drawn. */
export interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** How a value is written at the axis. */
  readonly format: (value: number) => string;
  /** How the last value is written. @defaultValue `format` */
  readonly exactly?: (value: number) => string;
  /** Powers of ten at equal distances; only where all values are above 0. */
  readonly logarithmic?: boolean;
  /** Where the axis starts, ends, and has its lines. @defaultValue from 0 to the largest */
  readonly axis?: { readonly min: number; readonly max: number; readonly interval: number };
}

// The library wants colours that it can read, the page has two schemes: these stand in for the page's variables.
const stands = {
  ink: "#0a0001",
  soft: "#0a0002",
  line: "#0a0003",
  card: "#0a0004",
  train: "#0a0005",
  test: "#0a0006",
  rate: "#0a0007",
} as const;

/** Colours of the page that a chart can use. */
export type Colour = keyof typeof stands;

const WIDTH = 380;
const HEIGHT = 240;

/** A line chart over the epochs, as a figure that needs no script. */
export function chartFigure({ title, lines, format, exactly = format, logarithmic = false, axis }: Chart): string {
  const all = lines.flatMap(({ values }) => values);
  const log = logarithmic && all.every((value) => value > 0);
  const epochs = lines[0]?.values.length ?? 0;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
  const label = { color: stands.soft, fontFamily: "inherit", fontSize: 12 };
  chart.setOption({
    animation: false,
    grid: { left: 48, right: 14, top: 12, bottom: 40 },
    xAxis: {
      type: "category",
      data: Array.from({ length: epochs }, (_, i) => i + 1),
      boundaryGap: epochs === 1,
      name: "epoch",
      nameLocation: "middle",
      nameGap: 26,
      nameTextStyle: label,
      axisLine: { lineStyle: { color: stands.line } },
      axisTick: { show: false },
      axisLabel: { ...label, interval: Math.max(0, Math.ceil(epochs / 12) - 1) },
    },
    yAxis: {
      type: log ? "log" : "value",
      ...(axis ?? (log ? logRange(all) : { min: 0 })),
      splitNumber: 4,
      axisLabel: { ...label, formatter: (value: number) => format(value) },
      splitLine: { lineStyle: { color: stands.line } },
    },
    series: lines.map(
      ({ name, values, colour }): LineSeriesOption => ({
        name,
        type: "line",
        data: [...values],
        symbol: "circle",
        symbolSize: 5,
        showSymbol: epochs <= 30,
        itemStyle: { color: stands[colour] },
        lineStyle: { color: stands[colour], width: 2 },
        silent: true,
      }),
    ),
  });
  const svg = themed(chart.renderToSVGString());
  chart.dispose();
  const legend = lines.map(
    ({ name, values, colour }) =>
      `<li style="--dot: var(--${colour})">${escapeHtml(name)} <b>${escapeHtml(exactly(values.at(-1) ?? 0))}</b></li>`,
  );
  return `<figure class="chart">
<figcaption><h3>${escapeHtml(title)}</h3><ul class="legend">${legend.join("")}</ul></figcaption>
${svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(title)} over the epochs" `)}
</figure>`;
}

/** Powers of ten, halved or doubled, around all values. */
function logRange(values: readonly number[]): { min: number; max: number } {
  return {
    min: 10 ** Math.floor(Math.log10(Math.min(...values))),
    max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
  };
}

/** The drawing in the page's colours and width. */
function themed(svg: string): string {
  let result = svg
    .replace(/ xmlns(:xlink)?="[^"]*"/g, "")
    .replace(/<svg width="\d+" height="\d+"/, '<svg width="100%"')
    .replaceAll(/ (ecmeta_\w+|pointer-events)="[^"]*"/g, "")
    .replaceAll(/ class="zr\d+-cls-\d+"/g, "")
    .replaceAll(/<style[^>]*>[\s\S]*?<\/style>/g, "");
  for (const [name, stand] of Object.entries(stands)) result = result.replaceAll(stand, `var(--${name})`);
  return result;
}
