/**
 * The lab's map, on which the chosen packet travels; and its replay.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { LabMap } from "../../lab/topology/lab_map.ts";
import {
  along,
  type Layout,
  layOut,
  oddities,
  type Place,
  wayOf,
} from "../map/layout.ts";
import type { Model } from "../model.ts";
import { rowOf } from "../packet/row.ts";

/** Units of the drawing: between two hosts, and around them. */
const STEP = { x: 190, y: 84 };
const EDGE = { x: 70, y: 38 };
/** How long a packet takes along a cable, in milliseconds, at speed 1. */
const TRAVEL_MS = 900;
/** How fast packets may travel. */
const SPEEDS = [.25, .5, 1, 2, 4];

function drawn({ x, y }: Place): Place {
  return { x: EDGE.x + x * STEP.x, y: EDGE.y + y * STEP.y };
}

/** The map of a lab. */
export function MapView({ model, map }: {
  readonly model: Model;
  readonly map: LabMap;
}) {
  const layout = useMemo(() => layOut(map), [map]);
  const { words } = model;
  const size = drawn({ x: layout.columns - 1, y: layout.rows - 1 });
  const show = (filter: string) => model.setFilter(filter, model.hidesNoise);
  return (
    <section aria-label={words.map} class="map">
      <svg viewBox={`0 0 ${size.x + EDGE.x} ${size.y + EDGE.y}`}>
        {layout.cables.map(({ cable: { ends, mtu, impairment }, ...at }, i) => {
          const [from, to] = [drawn(at.from), drawn(at.to)];
          const odd = oddities({ mtu, ...impairment });
          const place = `${ends[0].host}/${ends[0].device}`;
          const name = ends.map(({ host, device }) => `${host}/${device}`)
            .join(" – ");
          return (
            <Button
              key={i}
              label={words.packetsOn([name, ...odd].join(", "))}
              onPress={() => show(`on ${place}`)}
            >
              <line class="grip" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
              <line class="cable" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
              <text x={(from.x + to.x) / 2} y={(from.y + to.y) / 2 - 8}>
                {odd.join(", ")}
              </text>
            </Button>
          );
        })}
        {layout.hosts.map(({ host: { name, role, traits, ports }, at }) => {
          const { x, y } = drawn(at);
          const odd = oddities(traits);
          const address = ports.flatMap(({ addresses }) => addresses)[0];
          return (
            <Button
              key={name}
              label={words.packetsOn([name, ...odd].join(", "))}
              onPress={() => show(`on ${name}`)}
            >
              <rect
                class={`host ${role}`}
                {...{ x: x - 56, y: y - 24, width: 112, height: 48 }}
                rx={role === "host" ? 4 : 24}
              />
              <text class="name" x={x} y={y - 2}>{name}</text>
              <text class="small" x={x} y={y + 15}>
                {odd.length > 0 ? odd.join(", ") : address ?? ""}
              </text>
            </Button>
          );
        })}
        <Traveller model={model} layout={layout} />
      </svg>
      <Replay model={model} />
    </section>
  );
}

/** Something in a drawing that can be pressed, by mouse or by key. */
function Button({ label, onPress, children }: {
  readonly label: string;
  onPress(): void;
  readonly children: ComponentChildren;
}) {
  return (
    <g
      role="button"
      tabindex={0}
      class="press"
      onClick={onPress}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onPress();
      }}
    >
      <title>{label}</title>
      {children}
    </g>
  );
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The chosen packet on its cable; where motion is unwanted, at its middle. */
function Traveller({ model: { selected, speed }, layout }: {
  readonly model: Model;
  readonly layout: Layout;
}) {
  const way = selected && wayOf(selected);
  const [done, setDone] = useState(1);
  useEffect(() => {
    if (way === undefined || isCalm()) return;
    const start = performance.now();
    let frame = 0;
    const move = (now: number) => {
      const gone = (now - start) * speed / TRAVEL_MS;
      const part = Math.min(1, Math.max(0, gone));
      setDone(part);
      if (part < 1) frame = requestAnimationFrame(move);
    };
    move(start);
    return () => cancelAnimationFrame(frame);
  }, [selected]);
  if (way === undefined || selected === undefined) return null;
  const { letter } = rowOf(selected);
  // Beside the hosts, not over their names.
  const { x, y } = drawn(along(layout, way, isCalm() ? .5 : .35 + .3 * done));
  const { from, to } = layout.cables[way.cable];
  const isLeftwards = (to.x < from.x) !== way.isBack;
  return (
    <g class={`traveller letter-${letter}`}>
      <circle cx={x} cy={y} r={15} />
      <text x={x} y={y + 5}>{letter}</text>
      <text class="arrow" x={x} y={y + 32}>{isLeftwards ? "←" : "→"}</text>
    </g>
  );
}

/** Goes from packet to packet: by step, by hand, or by itself. */
function Replay({ model }: { readonly model: Model }) {
  const { words, shown: { packets }, selected, speed } = model;
  const [isPlaying, setPlaying] = useState(false);
  const here = selected === undefined ? -1 : packets.indexOf(selected);
  const goTo = (index: number) => {
    const packet = packets[Math.max(0, Math.min(packets.length - 1, index))];
    if (packet !== undefined) model.change({ selected: packet });
  };
  useEffect(() => {
    if (!isPlaying) return;
    if (here >= packets.length - 1) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => goTo(here + 1), TRAVEL_MS / speed + 100);
    return () => clearTimeout(timer);
  }, [isPlaying, here, speed]);
  return (
    <div class="replay" role="group" aria-label={words.replay}>
      <button
        type="button"
        aria-label={words.back}
        disabled={here <= 0}
        onClick={() => goTo(here - 1)}
      >
        ◀
      </button>
      <button
        type="button"
        disabled={packets.length === 0}
        onClick={() => {
          if (!isPlaying && here >= packets.length - 1) goTo(0);
          setPlaying(!isPlaying);
        }}
      >
        {isPlaying ? words.halt : words.play}
      </button>
      <button
        type="button"
        aria-label={words.forth}
        disabled={here >= packets.length - 1}
        onClick={() => goTo(here + 1)}
      >
        ▶
      </button>
      <label>
        {words.speed}{" "}
        <select
          value={`${speed}`}
          onChange={({ currentTarget: { value } }) =>
            model.change({ speed: Number(value) })}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={`${one}`}>{one} ×</option>
          ))}
        </select>
      </label>
      <input
        type="range"
        aria-label={words.scrub}
        min={0}
        max={Math.max(0, packets.length - 1)}
        value={Math.max(0, here)}
        onInput={({ currentTarget: { value } }) => goTo(Number(value))}
      />
    </div>
  );
}
