/**
 * Round trips as a drawing for a page: a stick for each request.
 *
 * @module
 */

import type { Host } from "../../tools/ping/host.ts";
import { renderSVG, svgText } from "./svg.ts";
import type { RoundTrips } from "./round_trips.ts";

const WIDTH = 800;
const HEIGHT = 230;
/** Where the sticks stand. */
const LEFT = 70;
const RIGHT = 780;
const TOP = 46;
const BOTTOM = 190;
/** Sticks that have room beside one another. */
const MOST = RIGHT - LEFT;

const STYLE = ".grid{stroke:#ddd}.axis{stroke:#111}" +
  ".trips{stroke:#1f5fa8;fill:none}.lost{stroke:#b00020;fill:none}" +
  ".head{font-weight:bold}.y{text-anchor:end}.x{text-anchor:middle}";

/** A host, and what became of each of its requests. */
export interface DrawnHost {
  readonly host: Host;
  readonly trips: RoundTrips;
}

/** The hosts one below another. */
export function renderPingSVG(hosts: readonly DrawnHost[]): string {
  return renderSVG({
    width: WIDTH,
    height: HEIGHT * hosts.length,
    title: `Round trips of ICMP echoes: ${
      hosts.map(({ host }) => host.name).join(", ")
    }`,
    description: hosts.map(({ host }) => figuresOf(host)).join(" "),
    style: STYLE,
    elements: hosts.flatMap((drawn, i) => [
      `<g transform="translate(0 ${i * HEIGHT})">`,
      ...panel(drawn),
      "</g>",
    ]),
  });
}

function figuresOf(host: Host): string {
  const { name, packetsSent, packetsReceived } = host;
  const counts = `${name}: ${packetsSent} sent, ${packetsReceived} received`;
  if (packetsReceived === 0) return `${counts}.`;
  const times = [host.minRttMs, host.avgRttMs, host.maxRttMs]
    .map((ms) => ms!.toFixed(3)).join("/");
  return `${counts}, min/avg/max ${times} ms.`;
}

function panel({ host, trips }: DrawnHost): string[] {
  const { rttsMs } = trips;
  const each = Math.max(1, Math.ceil(rttsMs.length / MOST));
  const sticks = Array.from(
    { length: Math.ceil(rttsMs.length / each) },
    (_, i) => stickOf(rttsMs.slice(i * each, (i + 1) * each)),
  );
  const top = roundUp(Math.max(0.001, ...sticks.map(({ ms }) => ms)));
  const step = (RIGHT - LEFT) / Math.max(1, sticks.length);
  const xOf = (index: number) => (LEFT + (index + 0.5) * step).toFixed(1);
  const yOf = (ms: number) => (BOTTOM - ms / top * (BOTTOM - TOP)).toFixed(1);
  const path = sticks.map(({ ms }, i) =>
    ms > 0 ? `M${xOf(i)} ${BOTTOM}V${yOf(ms)}` : ""
  );
  const crosses = sticks.map(({ isLost }, i) =>
    isLost ? `M${xOf(i)} ${TOP}m-4 -4l8 8m0 -8l-8 8` : ""
  );
  const width = Math.min(10, Math.max(1, step * 0.7)).toFixed(1);
  const many = each === 1 ? "" : `; each stick the longest of ${each}`;
  return [
    svgText(10, 20, "head", figuresOf(host)),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
      const y = yOf(share * top);
      return [
        `<path class="grid" d="M${LEFT} ${y}H${RIGHT}"/>`,
        svgText(
          LEFT - 6,
          Number(y) + 4,
          "y",
          `${Number((share * top).toPrecision(3))}`,
        ),
      ];
    }),
    svgText(LEFT - 6, TOP - 10, "y", "ms"),
    `<path class="trips" stroke-width="${width}" d="${path.join("")}"/>`,
    `<path class="lost" stroke-width="2" d="${crosses.join("")}"/>`,
    `<path class="axis" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>`,
    svgText(LEFT, BOTTOM + 18, "x", "1"),
    svgText(RIGHT, BOTTOM + 18, "x", `${rttsMs.length}`),
    svgText((LEFT + RIGHT) / 2, BOTTOM + 18, "x", `icmp_seq; × lost${many}`),
  ];
}

/** Of some requests that follow one another: the longest, and if one is lost. */
function stickOf(rttsMs: readonly (number | undefined)[]) {
  const known = Array.from(rttsMs, (ms) => ms ?? 0);
  return {
    ms: Math.max(...known.map((ms) => Number.isNaN(ms) ? 0 : ms)),
    isLost: known.some(Number.isNaN),
  };
}

/** The next of 1, 2, 4, 6, 8, 10, 20 …, of which quarters are short. */
function roundUp(ms: number): number {
  const unit = 10 ** Math.floor(Math.log10(ms));
  return unit * [1, 2, 4, 6, 8, 10].find((times) => ms <= times * unit)!;
}
